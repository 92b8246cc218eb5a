package node

import (
	"context"
	"errors"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/logs"
	"github.com/zonefleet/zonefleet/internal/rest"
	"github.com/zonefleet/zonefleet/internal/systemd"
)

// reloadOnHangup takes what the configuration says now whenever the process is told to, until ctx ends.
func (n *Node) reloadOnHangup(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.Hangup:
			_, _, _ = n.reload() // logs how it went; there is nobody else to tell
		}
	}
}

// reload reads the configuration again. What can change in a running server does, the rest is named and takes effect at
// the next start; with a mistake anywhere nothing changes.
func (n *Node) reload() (changed, nextStart []config.Value, err error) {
	n.reloading.Lock()
	defer n.reloading.Unlock()
	if n.front.isLoaded() { // before that it is not ready in any case
		_ = n.front.systemd.Send(systemd.Reloading, systemd.Monotonic())
		defer func() { _ = n.front.systemd.Send(systemd.Ready) }()
	}
	old := n.live.Load()
	read, err := old.Reload()
	if err == nil {
		err = n.identity.Show(read.TLSCert, read.TLSKey)
	}
	n.badConfig.Store(err != nil)
	if err != nil {
		for _, mistake := range mistakes(err) {
			n.log.Error("configuration not read again, nothing changed", "err", mistake)
		}
		return nil, nil, err
	}
	now := old.With(read)
	n.live.Store(&now)
	n.Logs.Set(now.LogFormat, now.LogLevels)
	for _, v := range read.Changed(*old) {
		if v.Live {
			changed = append(changed, v)
			n.log.Info("configuration changed", "key", v.Key, "value", v.Text, "from", v.From)
		} else {
			nextStart = append(nextStart, v)
			n.log.Warn("configuration change takes effect at the next start", "key", v.Key, "value", v.Text, "from", v.From)
		}
	}
	n.log.Info("configuration read again", "changed", len(changed), "at the next start", len(nextStart))
	return changed, nextStart, nil
}

func mistakes(err error) []error {
	var list config.Mistakes
	if errors.As(err, &list) {
		return list
	}
	return []error{err}
}

// process is the node as the REST door's process.
type process struct{ node *Node }

func (r process) LogLevels() (string, map[string]string) {
	levels := r.node.Logs.Levels()
	packages := map[string]string{}
	for name, l := range levels.Packages {
		packages[name] = logs.LevelText(l)
	}
	return logs.LevelText(levels.Default), packages
}

func (r process) SetLogLevel(name, level string) error {
	l, err := logs.ParseLevel(level)
	if err == nil {
		err = r.node.Logs.SetLevel(name, l)
	}
	if err != nil {
		return &control.Error{Code: control.CodeInvalid, Message: err.Error()}
	}
	return nil
}

func (r process) Reload() (changed, nextStart []rest.ConfigValue, err error) {
	now, next, err := r.node.reload()
	if err != nil {
		e := &control.Error{Code: control.CodeRefused, Message: "the configuration has mistakes, nothing changed"}
		for _, mistake := range mistakes(err) {
			e.Details = append(e.Details, mistake.Error())
		}
		return nil, nil, e
	}
	return restValues(now), restValues(next), nil
}

func restValues(list []config.Value) []rest.ConfigValue {
	var out []rest.ConfigValue
	for _, v := range list {
		out = append(out, rest.ConfigValue{Key: v.Key, Value: v.Text, From: v.From})
	}
	return out
}
