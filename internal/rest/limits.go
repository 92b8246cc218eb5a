package rest

import (
	"strconv"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

func brakeOf(b cluster.Brake) *api.Brake {
	window := b.Window.String()
	if b.Window%time.Minute == 0 { // 10m0s is no way to write ten minutes
		window = strconv.Itoa(int(b.Window/time.Minute)) + "m"
	}
	return &api.Brake{On: !b.Off, Share: b.Share, Least: b.Least, Window: window}
}

func toBrake(b *api.Brake) (*cluster.Brake, error) {
	if b == nil {
		return nil, nil
	}
	window, err := time.ParseDuration(b.Window)
	if err != nil || window <= 0 {
		return nil, invalid("brake.window", "%q is not a duration like 10m or 1h", b.Window)
	}
	return &cluster.Brake{Off: !b.On, Share: b.Share, Least: b.Least, Window: window}, nil
}

const day = 24 * time.Hour

func retentionOf(r control.Retention) *api.Retention {
	return &api.Retention{
		EveryDays: int(r.Every / day), DailyDays: int(r.Daily / day), Last: r.Last, TrashDays: int(r.Trash / day), DeletionsDays: int(r.Absents / day),
	}
}

func toRetention(r *api.Retention) *control.Retention {
	if r == nil {
		return nil
	}
	return &control.Retention{
		Every: time.Duration(r.EveryDays) * day, Daily: time.Duration(r.DailyDays) * day, Last: r.Last,
		Trash: time.Duration(r.TrashDays) * day, Absents: time.Duration(r.DeletionsDays) * day,
	}
}
