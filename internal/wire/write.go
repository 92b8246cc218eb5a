package wire

import "time"

// write sends what the queues hold. Acknowledgements and news pass between the parts of a long message.
func (l *Link) write() error {
	heartbeat := time.NewTicker(l.opt.Heartbeat)
	defer heartbeat.Stop()
	for {
		var err error
		select {
		case m := <-l.acks:
			err = l.writeShort(m)
		case m := <-l.news:
			err = l.writeShort(m)
		case m := <-l.bulk:
			err = l.writeBulk(m)
		case <-heartbeat.C:
			err = l.out.write(frame{kind: TypeHeartbeat})
		case <-l.done:
			return l.err
		}
		if err != nil {
			return err
		}
	}
}

func (l *Link) writeShort(m message) error {
	if err := split(m, l.out.write); err != nil {
		return err
	}
	if m.kind != TypeBye {
		return nil
	}
	// The last frame of this side: wait until the other has read it, else closing the stream may overtake it.
	late := time.NewTimer(farewell)
	defer late.Stop()
	select {
	case <-l.done:
	case <-late.C:
	}
	return ErrClosed
}

func (l *Link) writeBulk(m message) error {
	return split(m, func(f frame) error {
		if err := l.out.write(f); err != nil {
			return err
		}
		for f.more {
			select {
			case m := <-l.acks:
				if err := l.writeShort(m); err != nil {
					return err
				}
			case m := <-l.news:
				if err := l.writeShort(m); err != nil {
					return err
				}
			default:
				return nil
			}
		}
		return nil
	})
}
