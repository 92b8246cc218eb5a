package node

import (
	"context"
	"time"
)

// The pace of forgetting. The first time is well after the start, when members have caught up.
const (
	expireFirst = 10 * time.Minute
	expireEvery = 24 * time.Hour
)

// expire forgets daily what need not be kept.
func (n *Node) expire(ctx context.Context) error {
	timer := time.NewTimer(expireFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if err := n.control.Expire(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("old changes were not forgotten", "err", err)
		}
		timer.Reset(expireEvery)
	}
}
