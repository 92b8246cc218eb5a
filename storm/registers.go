package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/zonefleet/zonefleet/internal/store"
)

// claims are the beginnings of the names of the registers in which a server keeps what it tells others that it has of
// their feeds.
var claims = [][]byte{[]byte("heard/"), []byte("settled/")}

// readRegisters reads what a stopped server claims to have.
func readRegisters(ctx context.Context, dir string) (map[string][]byte, error) {
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	err = st.Dump(ctx, func(r store.Row) error {
		for _, claim := range claims {
			if i := bytes.Index(r.Key, claim); r.IsRegister() && i >= 0 {
				key := string(r.Key[i:])
				found[key], _ = st.Register(key)
			}
		}
		return nil
	})
	return found, errors.Join(err, st.Close())
}

// writeRegisters puts them into the folder of a stopped server.
func writeRegisters(ctx context.Context, dir string, values map[string][]byte) error {
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }() // ends with ctx, below
	for k, v := range values {
		st.SetRegister(k, v)
	}
	stop()
	return errors.Join(<-done, st.Close())
}
