package backup

import (
	"context"
	"errors"
	"io"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Zones reads a file and hands over what the wanted zones served when it was made; zones that were deleted then are passed
// over. The sealed part is not needed. The file is read to its end, and what is damaged in it is an error.
func Zones(ctx context.Context, from io.Reader, dir string, want func(store.Head) bool, found func(Header, *zone.View) error) (Header, error) {
	r, err := Open(ctx, from, nil, dir)
	if err != nil {
		return Header{}, err
	}
	defer r.Close()
	zones := store.Assembly{
		Want: func(h store.Head) bool { return h.Live && want(h) },
		Found: func(_ store.Head, s *zone.State) error {
			v, live := s.View()
			if !live {
				return nil
			}
			return found(r.Header, v)
		},
	}
	for {
		e, err := r.Next()
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, io.EOF) {
			return r.Header, zones.End()
		}
		if err == nil {
			err = zones.Add(e.Row)
		}
		if err != nil {
			return r.Header, err
		}
	}
}
