package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// synchronizing is what the page Synchronize DNS records asks for.
type synchronizing interface {
	PreviewSync(ctx context.Context, p acl.Principal, r control.SyncRequest) ([]control.MemberSync, error)
	StartSync(ctx context.Context, p acl.Principal, r control.SyncRequest) (control.SyncJob, error)
	SyncJob(ctx context.Context, p acl.Principal, id string) (control.SyncJob, error)
	SyncJobs(ctx context.Context, p acl.Principal) ([]control.SyncJob, error)
}

const syncPath = "/synchronize"

// The four choices.
const (
	syncZoneHere = "zone-here"
	syncAllHere  = "all-here"
	syncZoneAll  = "zone-all"
	syncAllAll   = "all-all"
)

// syncForm is the choice as it was made.
type syncForm struct {
	What, Zone string
	Others     bool
	Error      string // of the zone
	Problem    string
}

// syncJobRow is one of the synchronizations so far.
type syncJobRow struct {
	Path, What string
	Started    instant
	State      chip
}

// memberSyncView is what happens with one member.
type memberSyncView struct {
	Name, Role, Failed string
	Kinds              []syncKind
	Left               []string
	State              chip
	Done, Total        int
	Report             string
}

// syncKind is zones of which the same becomes.
type syncKind struct {
	Text string
	examples
}

type syncView struct {
	Title   string
	Form    syncForm
	Members []memberSyncView
	Nothing bool // has to move
	Job     string
	State   chip
	Reload  string
}

func showSynchronize(v *Visit) error {
	return v.showSyncForm(http.StatusOK, syncForm{What: syncZoneHere, Zone: v.FormValue("zone")})
}

func (v *Visit) showSyncForm(status int, f syncForm) error {
	jobs, err := v.server.Control.SyncJobs(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	var rows []syncJobRow
	for _, j := range jobs {
		rows = append(rows, syncJobRow{syncPath + "/" + j.ID, syncTitle(j.Request), instantOf(j.Started), syncState(j)})
	}
	return v.show(status, page{Title: "Synchronize DNS records", Path: syncPath}, syncFormPage(f, rows))
}

// readSync reads the form; a mistake is in its Error.
func (v *Visit) readSync() (syncForm, control.SyncRequest) {
	f := syncForm{What: v.PostFormValue("what"), Zone: strings.TrimSpace(v.PostFormValue("zone")), Others: v.PostFormValue("others") != ""}
	r := control.SyncRequest{Everywhere: f.What == syncZoneAll || f.What == syncAllAll}
	switch f.What {
	case syncAllHere, syncAllAll:
		r.Others = f.Others
	case syncZoneHere, syncZoneAll:
		z, err := zone.ParseName(f.Zone)
		if r.Zone = z; err != nil || f.Zone == "" {
			f.Error = "Give the name of a zone."
		}
	default:
		f.Problem = "Choose one of the four."
	}
	return f, r
}

// previewSync is the first click: what will come, go and clash.
func previewSync(v *Visit) error {
	f, r := v.readSync()
	if f.Error != "" || f.Problem != "" {
		return v.showSyncForm(http.StatusUnprocessableEntity, f)
	}
	plans, err := v.server.Control.PreviewSync(v.Context(), v.Principal(), r)
	var e *control.Error
	switch {
	case errors.As(err, &e) && (e.Code == control.CodeInvalid || e.Code == control.CodeNotFound):
		f.Problem = sentence(e.Error())
		return v.showSyncForm(http.StatusUnprocessableEntity, f)
	case err != nil:
		return err
	}
	view := syncView{Title: syncTitle(r) + "?", Form: f, Nothing: true}
	for _, m := range plans {
		view.Members = append(view.Members, memberSyncOf(m, true))
		view.Nothing = view.Nothing && m.Total() == 0
	}
	return v.show(http.StatusOK, page{Title: "Synchronize DNS records", Path: syncPath}, syncPreviewPage(view))
}

func startSync(v *Visit) error {
	f, r := v.readSync()
	if f.Error != "" || f.Problem != "" {
		return v.showSyncForm(http.StatusUnprocessableEntity, f)
	}
	j, err := v.server.Control.StartSync(v.Context(), v.Principal(), r)
	if err != nil {
		return err
	}
	return v.redirect(syncPath + "/" + j.ID)
}

func (v *Visit) lookSync() (syncView, error) {
	j, err := v.server.Control.SyncJob(v.Context(), v.Principal(), v.PathValue("sync"))
	if err != nil {
		return syncView{}, err
	}
	view := syncView{Title: syncTitle(j.Request), Job: j.ID, State: syncState(j), Reload: syncPath + "/" + j.ID}
	for _, m := range j.Members {
		view.Members = append(view.Members, memberSyncOf(m, false))
	}
	return view, nil
}

func showSync(v *Visit) error {
	view, err := v.lookSync()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Synchronize DNS records", Path: syncPath, Live: "/live" + view.Reload}, syncJobPage(view))
}

func liveSync(v *Visit) error {
	return v.live(func() (templ.Component, error) {
		view, err := v.lookSync()
		if err != nil {
			return nil, err
		}
		st, err := v.server.Control.Status(v.Context(), v.Principal())
		return templ.Join(liveSyncPart(view), liveStatusPart(statusChip(st))), err
	})
}

func syncTitle(r control.SyncRequest) string {
	what, where := "all zones", "to this server only"
	if r.Zone != "" {
		what = r.Zone.Text()
	}
	if r.Everywhere {
		where = "to all servers"
	}
	if r.Others {
		where += ", also zones that are not here"
	}
	return "Synchronize " + what + " " + where
}

func syncState(j control.SyncJob) chip {
	switch j.State {
	case control.SyncWaiting:
		return chip{busy, "waits for the one before it"}
	case control.SyncRunning:
		return chip{busy, "running"}
	case control.SyncDone:
		for _, m := range j.Members {
			if m.Failed != "" || m.Differ > 0 {
				return chip{act, "done, not with everything"}
			}
		}
		return chip{good, "done"}
	}
	return chip{act, string(j.State)}
}

func memberSyncOf(m control.MemberSync, would bool) memberSyncView {
	view := memberSyncView{Name: m.Member, Role: string(m.Role), Failed: sentence(m.Failed), Left: sentences(m.Left), Done: m.Done, Total: m.Total(), State: chip{busy, "under way"}}
	add := func(zones []zone.Name, text, title string) {
		if len(zones) > 0 {
			shown := zones[:min(len(zones), namesShown)]
			view.Kinds = append(view.Kinds, syncKind{count(len(zones), "zone", "zones") + " " + text, examples{title, names(shown), len(zones) > len(shown)}})
		}
	}
	add(m.Come, "newer or only there: to this server", "Come here")
	add(m.Clash, "of them changed on both: brought together, what contradicts becomes a conflict", "Changed on both")
	add(m.Go, "newer or only here: to that server", "Go there")
	add(m.Overwrite, "of them replace something newer there", "Replaced there")
	if m.More {
		view.Left = append(view.Left, "There are more zones than are moved at once: synchronize again.")
	}
	switch {
	case m.Failed != "":
		view.State = chip{act, "failed"}
	case would && m.Total() == 0, m.Ended && m.Total() == 0:
		view.State = chip{good, "nothing has to move"}
	case would:
		view.State = chip{idle, "not started"}
	case m.Ended && m.Differ > 0:
		view.State = chip{act, count(m.Differ, "zone differs still", "zones differ still")}
	case m.Ended:
		view.State = chip{good, "in step"}
	}
	if m.Ended && m.Total() > 0 {
		view.Report = count(m.Done, "zone", "zones") + " moved"
		if m.Refused > 0 {
			view.Report += ", " + number(m.Refused) + " refused"
		}
	}
	return view
}

// namesShown is how many zones of a kind a page names.
const namesShown = 100
