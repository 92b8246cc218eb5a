package node

import (
	"context"
	"errors"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Introduce answers also while clustering is off.
func (a answers) Introduce(context.Context) (wire.Introduction, error) {
	g := a.principal.Grant
	return wire.Introduction{
		Facts: a.node.factsFor(a.principal.Grant), Clustering: a.node.control.Clustering(),
		Grant: wire.Grant{Kind: string(g.Kind), User: g.User, MayClaim: g.MayClaim, Trust: g.Trust},
	}, nil
}

// Exists tells any member which names are taken.
func (a answers) Exists(ctx context.Context, names []zone.Name) (there []zone.Name, err error) {
	defer a.traced("exists", time.Now(), &err)
	if err := a.open(); err != nil {
		return nil, err
	}
	there, err = a.node.control.Exists(ctx, a.principal, names)
	return there, problem(err)
}

// Compare answers about digests of what the caller may read.
func (a answers) Compare(ctx context.Context, q digest.Question) (_ []digest.Part, err error) {
	defer a.traced("compare", time.Now(), &err)
	if err := a.open(); err != nil {
		return nil, err
	}
	parts, err := a.node.control.CompareFor(ctx, a.principal, q)
	return parts, problem(err)
}

// Stand is how this node stands with the names.
func (a answers) Stand(ctx context.Context, names []zone.Name) (_ []wire.Standing, err error) {
	defer a.traced("stand", time.Now(), &err)
	if err := a.open(); err != nil {
		return nil, err
	}
	standings, err := a.node.control.StandFor(ctx, a.principal, names)
	out := make([]wire.Standing, len(standings))
	for i, s := range standings {
		out[i] = wire.Standing(s)
	}
	return out, problem(err)
}

// Fetch is the whole state of a zone.
func (a answers) Fetch(ctx context.Context, z zone.Name) (_ wire.Item, err error) {
	defer a.traced("fetch", time.Now(), &err)
	if err := a.open(); err != nil {
		return wire.Item{}, err
	}
	d, at, err := a.node.control.FetchFor(ctx, a.principal, z)
	meant := a.node.links.knowsMeant(a.caller.Fingerprint) && a.node.control.Meant(z)
	return wire.Item{Position: uint64(at), Delta: d, Meant: meant}, problem(err)
}

// Trust adds the caller here as standalone.
func (a answers) Trust(ctx context.Context, r wire.TrustRequest, c peer.Caller) (_ wire.TrustAnswer, err error) {
	defer a.traced("trust", time.Now(), &err)
	if r.Host == "" {
		r.Host = c.Address.Addr().Unmap().String()
	}
	_, err = a.node.control.Trust(ctx, a.principal, control.TrustRequest{
		Name: r.Name, Host: r.Host, Port: r.Port, Fingerprint: c.Fingerprint, Token: r.Token,
	})
	return wire.TrustAnswer{Host: r.Host, Port: r.Port}, problem(err)
}

// Untrust undoes Trust.
func (a answers) Untrust(ctx context.Context, _ wire.UntrustRequest) (err error) {
	defer a.traced("untrust", time.Now(), &err)
	err = a.node.control.Forget(ctx, a.principal, a.caller.Fingerprint, false)
	if err == nil {
		a.node.links.followers.release(a.node, a.caller.Fingerprint)
	}
	return problem(err)
}

// Leave removes every link to the caller.
func (a answers) Leave(ctx context.Context, _ wire.LeaveRequest) (_ wire.LeaveAnswer, err error) {
	defer a.traced("leave", time.Now(), &err)
	before := len(a.node.links.rows())
	err = a.node.control.Forget(ctx, a.principal, a.caller.Fingerprint, true)
	if err == nil {
		a.node.links.followers.release(a.node, a.caller.Fingerprint)
	}
	rows, listErr := a.node.control.Links(ctx)
	return wire.LeaveAnswer{Removed: max(before-len(rows), 0)}, problem(errors.Join(err, listErr))
}

// traced writes a question of a member in debug mode to its log.
func (a answers) traced(what string, began time.Time, err *error) {
	trace := a.node.links.traceOf(a.caller.Fingerprint)
	if trace == nil {
		return
	}
	result := "answered"
	if *err != nil {
		result = (*err).Error()
	}
	trace(wire.Transaction{What: what, Took: time.Since(began), Result: result})
}
