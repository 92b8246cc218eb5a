package rest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/backup"
	"github.com/zonefleet/zonefleet/internal/control"
)

// Backups makes backups; node has it.
type Backups interface {
	// Write writes one to w while the server works. With open it needs no recovery key.
	Write(ctx context.Context, w io.Writer, open bool) (backup.Summary, error)
	// Run makes the backup of the night now.
	Run(ctx context.Context) error
	// Files lists those of the folder, the newest first.
	Files() ([]BackupFile, error)
}

// BackupFile is a backup in the folder.
type BackupFile struct {
	Path  string
	Bytes int64
	Time  time.Time
}

func (s *Server) backupRoutes(a huma.API) {
	handle(s, a, op("list-backups", http.MethodGet, "/backups", "server", "How the nightly backup stands, and the files that are kept"), s.listBackups)
	handle(s, a, op("run-backup", http.MethodPost, "/backups", "server", "Make the nightly backup now"), s.runBackup)
}

func noBackups() error {
	return &control.Error{Code: control.CodeUnavailable, Message: "this server makes no backups"}
}

func (s *Server) listBackups(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.Backups], error) {
	if err := may(p, acl.ManageNode); err != nil {
		return nil, err
	}
	b, err := s.Control.ShowBackups(ctx, p)
	if err != nil {
		return nil, err
	}
	out := backupsOf(b)
	out.To, out.Keep, out.Files = b.To, b.Keep, []api.BackupFile{}
	if s.Backups == nil {
		return answer(out), nil
	}
	files, err := s.Backups.Files()
	for _, f := range files {
		out.Files = append(out.Files, api.BackupFile(f))
	}
	return answer(out), err
}

func backupsOf(b control.Backups) api.Backups {
	return api.Backups{
		Nightly: b.On, Last: maybeTime(b.Good), Bytes: b.Bytes, Zones: b.Zones, Where: b.Where, Tried: maybeTime(b.Tried),
		Error: b.Error, Late: b.Late, Next: maybeTime(b.Next),
	}
}

func (s *Server) runBackup(ctx context.Context, p acl.Principal, in *struct{}) (*body[api.Backups], error) {
	if err := may(p, acl.ManageNode); err != nil {
		return nil, err
	}
	if s.Backups == nil {
		return nil, noBackups()
	}
	if err := s.Backups.Run(ctx); err != nil {
		if control.CodeOf(err) != control.CodeInternal {
			return nil, err
		}
		// Root asked and root configured it: what went wrong is for root to know.
		return nil, &control.Error{Code: control.CodeUnavailable, Subject: "backup", Message: err.Error(), Err: err}
	}
	return s.listBackups(ctx, p, in)
}

// stallTime is how long a client may take nothing of a backup: the moment that is being read is kept for it meanwhile.
const stallTime = 2 * time.Minute

// backup streams one file, consistent, made while the server works.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	err := may(principal(r.Context()), acl.ManageNode)
	if err == nil && s.Backups == nil {
		err = noBackups()
	}
	open := r.URL.Query().Get("open")
	if err == nil && open != "" && open != "true" && open != "false" {
		err = invalid("open", "%q is not true or false", open)
	}
	if err != nil {
		writeProblem(w, s.problem(err))
		return
	}
	name := fmt.Sprintf("zonefleet-%s-%s.zfb", s.Control.Self.Name, s.Now().UTC().Format("20060102-150405"))
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	if _, err := s.Backups.Write(r.Context(), &impatient{w, http.NewResponseController(w)}, open == "true"); err != nil {
		s.Logger.Error("backup broke off", "error", err)
		// The status is sent. Ending the connection is the way to say that this is not the whole file.
		panic(http.ErrAbortHandler)
	}
}

// impatient is a response whose client has to take something now and then.
type impatient struct {
	w       io.Writer
	control *http.ResponseController
}

func (i *impatient) Write(p []byte) (int, error) {
	if err := i.control.SetWriteDeadline(time.Now().Add(stallTime)); err != nil {
		return 0, err
	}
	return i.w.Write(p)
}
