package cli

import (
	"fmt"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// patience is how long something runs before a bar is worth its lines.
const patience = time.Second

// progress is a bar on standard error, if that is a terminal, once something takes longer than a moment.
type progress struct {
	a     *app
	name  string
	total int64 // 0: not known
	done  int64
	began time.Time
	bars  *mpb.Progress
	bar   *mpb.Bar
}

func (a *app) progress(name string, total int) *progress {
	return &progress{a: a, name: name, total: int64(total), began: time.Now()}
}

func (p *progress) add(n int) {
	p.done += int64(n)
	if p.bar == nil {
		if !isTerminal(p.a.Stderr) || time.Since(p.began) < patience {
			return
		}
		p.show()
	}
	p.bar.SetCurrent(p.done)
}

func (p *progress) show() {
	p.bars = mpb.New(mpb.WithOutput(p.a.Stderr), mpb.WithWidth(60), mpb.WithRefreshRate(100*time.Millisecond))
	p.bar = p.bars.AddBar(p.total,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(p.name+" "), decor.CountersNoUnit("%d / %d")),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
			return fmt.Sprintf(" %.0f/s", float64(s.Current)/time.Since(p.began).Seconds())
		})),
	)
}

// end takes the bar away and waits for it. It comes back when more is done: lines can be written in between.
func (p *progress) end() {
	if p.bar == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
	p.bar, p.bars = nil, nil
}
