package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"
)

// newPassword reads a password: on a terminal twice and without showing it, otherwise the first line of standard input.
func (a *app) newPassword(ctx context.Context, user string) (string, error) {
	f, ok := a.Stdin.(*os.File)
	if !ok || !isTerminal(a.Stdin) {
		in := bufio.NewScanner(a.Stdin)
		in.Scan()
		if in.Err() != nil || in.Text() == "" {
			return "", usage("give the password on standard input")
		}
		return in.Text(), nil
	}
	first, err := a.hidden(ctx, f, "new password of "+clean(user)+" (it is not shown): ")
	if err != nil {
		return "", err
	}
	again, err := a.hidden(ctx, f, "once more: ")
	switch {
	case err != nil:
		return "", err
	case first == "":
		return "", usage("no password was given")
	case first != again:
		return "", usage("the two passwords are not the same")
	}
	return first, nil
}

// hidden reads a line that the terminal does not show. An interrupt leaves a terminal that shows again; the read that it cannot
// end is ended by the process, which is next.
func (a *app) hidden(ctx context.Context, f *os.File, prompt string) (string, error) {
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", fmt.Errorf("read terminal: %w", err)
	}
	type typed struct {
		line []byte
		err  error
	}
	read := make(chan typed, 1)
	fmt.Fprint(a.Stderr, prompt)
	defer fmt.Fprintln(a.Stderr)
	go func() {
		line, err := term.ReadPassword(int(f.Fd()))
		read <- typed{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(int(f.Fd()), before))
	case in := <-read:
		if in.err != nil {
			return "", fmt.Errorf("read password: %w", in.err)
		}
		return string(in.line), nil
	}
}
