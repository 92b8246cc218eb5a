package control

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/store"
)

// acting is whose rights a set is done with: of who began it, or who had it go on later.
func (s ChangeSet) acting() acl.Principal {
	if s.ResumedBy.Kind != "" {
		return s.ResumedBy
	}
	return s.By
}

// rightsNow is who acts for a set at this moment: what the user and the token may now, and no more than they had when the set
// was begun. It is asked for each row of zones and each step of a search, so that a set does not outlive the rights it was
// begun with. The error is an Error that people are shown, with ErrRefused as its cause, where there are none any more.
func (c *Control) rightsNow(ctx context.Context, s ChangeSet) (acl.Principal, error) {
	then := s.acting()
	if then.Kind == acl.KindNode {
		return then, nil
	}
	now, err := c.sameUser(ctx, s, then)
	if err != nil {
		return now, err
	}
	if then.TokenID != "" {
		t, err := c.tokenNow(ctx, then)
		if err != nil {
			return now, err
		}
		now = now.Narrowed(t.Privileges, t.Scope)
	}
	scope := now.Scope
	if !then.Scope.IsZero() {
		scope = then.Scope // either way it is for single records, and does nothing to whole zones
	}
	had := then.Privileges
	if then.Root {
		had = acl.Privileges{acl.All}
	}
	now = now.Narrowed(had, scope)
	now.TokenID, now.TokenName, now.From = then.TokenID, then.TokenName, then.From
	return now, c.mayGoOn(now, s, then.Root)
}

// sameUser is who began the set, as that user is now.
func (c *Control) sameUser(ctx context.Context, s ChangeSet, then acl.Principal) (acl.Principal, error) {
	now, err := c.principalOf(ctx, then.Account())
	switch {
	case errors.Is(err, auth.ErrNobody):
		return now, ended("the user %s was deleted", then.Account())
	case errors.Is(err, auth.ErrSuspend):
		return now, ended("the user %s is suspended", then.Account())
	case err != nil:
		return now, err
	}
	u, found, err := loadUser(c.Store, then.Account())
	if err == nil && found && u.Created > max(s.Begun, s.Resumed) {
		err = ended("the user %s was deleted, and is somebody else now", then.Account())
	}
	return now, err
}

func (c *Control) tokenNow(ctx context.Context, then acl.Principal) (auth.Token, error) {
	t, err := c.Token(ctx, then.TokenID)
	switch {
	case errors.Is(err, auth.ErrUnknown), err == nil && t.Revoked:
		return t, ended("the token %s of %s was revoked", then.TokenName, then.Account())
	case err == nil && !t.Expires.IsZero() && !c.time().Before(t.Expires):
		return t, ended("the token %s of %s has expired", then.TokenName, then.Account())
	}
	return t, err
}

// mayGoOn asks for what BeginChangeSet asked for. The zones are asked about one by one.
func (c *Control) mayGoOn(now acl.Principal, s ChangeSet, wasRoot bool) error {
	if wasRoot && !now.Root {
		return ended("%s has no longer the privilege %s", now.Account(), acl.All)
	}
	err := c.maySet(now, s.Kind, s.SetParams)
	if CodeOf(err) == CodeDenied {
		return ended("%v", err)
	}
	return err
}

// maySet asks whether p may have change sets of that kind at all.
func (c *Control) maySet(p acl.Principal, k SetKind, params SetParams) error {
	if err := c.allowOwned(p, k.verb(), "", p.Account()); err != nil {
		return err
	}
	switch k {
	case SetHome:
		return allowed(p, acl.ManageNode)
	case SetTTL, SetRestore:
		return mayWriteAll(p)
	case SetReplace:
		if _, err := netip.ParseAddr(strings.TrimSpace(params.From)); err == nil {
			return mayWriteAll(p) // addresses stand in A and AAAA; a host name may stand in MX alone
		}
	}
	return nil
}

// mayWriteAll refuses whoever may write MX records alone an act that would fail in each of its zones. Of the other acts each
// zone is asked, for it may be that only MX records change there.
func mayWriteAll(p acl.Principal) error {
	if RightTo(p, acl.Object{Owner: p.Account()}).Everything() {
		return nil
	}
	return fail(CodeDenied, "", "the privilege edit-mx is for MX records only, and this changes others in every zone").
		hint("change the MX records zone by zone; edit-dns or manage-dns-records is for all of them")
}

func ended(format string, args ...any) *Error {
	return fail(CodeDenied, "", format, args...).because(ErrRefused)
}

// stopWithoutRights stops a set whose rights have ended; what it did stays. Whoever may can have it go on, or undo it.
func (c *Control) stopWithoutRights(ctx context.Context, s ChangeSet, why error) (ChangeSet, error) {
	return c.updateSet(ctx, acl.Node(), s.ID, func(tx *store.Tx, now *ChangeSet) error {
		if now.State.Over() {
			return nil
		}
		now.State, now.Ended, now.Why = SetStopped, c.Now(), why.Error()
		e := c.event(acl.Node(), "change-set-stopped", fmt.Sprintf("change set %d (%s) stopped: %s", s.ID, now.Words(), now.Why))
		e.Severity, e.Fields = severityWarning, map[string]string{fieldUser: s.By.Account()}
		tx.AppendEvent(e)
		return nil
	})
}
