package web

import (
	"errors"
	"net/http"
)

// form of the sign-in page.
type signInForm struct {
	User, Next, Problem string
	HasPasswords        bool
	NeedsCode           bool
	LinkUsed            bool
}

// mustSignIn answers a request of somebody who is not signed in: every path alike, so that nothing is learned.
func (v *Visit) mustSignIn() {
	next := "/"
	if v.Method == http.MethodGet && v.Header.Get("HX-Request") == "" {
		next = local(v.URL.RequestURI())
	}
	if v.Header.Get("HX-Request") != "" {
		v.w.Header().Set("HX-Redirect", "/signin")
	}
	if err := v.showSignIn(http.StatusUnauthorized, signInForm{Next: next}); err != nil {
		v.fail(err)
	}
}

func (v *Visit) showSignIn(status int, f signInForm) error {
	f.HasPasswords = v.server.Accounts.HasPasswords(v.Context())
	frame := v.bareFrame(page{Title: "Sign in"})
	return v.write(status, bare(frame, signInView(f)))
}

func signInPage(v *Visit) error {
	if v.session.ID != "" {
		return v.redirect("/")
	}
	return v.showSignIn(http.StatusOK, signInForm{Next: local(v.FormValue("next"))})
}

func signIn(v *Visit) error {
	f := signInForm{User: v.PostFormValue("user"), Next: local(v.PostFormValue("next"))}
	t, err := v.server.Accounts.SignIn(v.Context(), Credentials{
		User: f.User, Password: v.PostFormValue("password"), Code: v.PostFormValue("code"), From: addressOf(v.Request),
	})
	switch {
	case err == nil:
		http.SetCookie(v.w, cookieOf(v.Request, t, v.server.Now()))
		return v.redirect(f.Next)
	case errors.Is(err, ErrCodeNeeded):
		f.NeedsCode = true
		return v.showSignIn(http.StatusUnauthorized, f)
	case errors.Is(err, ErrThrottled):
		f.Problem = sentence(ErrThrottled.Error())
		return v.showSignIn(http.StatusTooManyRequests, f)
	case errors.Is(err, ErrRefused):
		f.Problem = sentence(ErrRefused.Error())
		return v.showSignIn(http.StatusUnauthorized, f)
	}
	return err
}

// redeem shows a page that goes on by itself: a redirect would come without the new cookie, because SameSite=Strict
// holds it back on a navigation that began elsewhere.
func redeem(v *Visit) error {
	t, err := v.server.Accounts.Redeem(v.Context(), v.PathValue("secret"), addressOf(v.Request))
	if errors.Is(err, ErrRefused) {
		return v.showSignIn(http.StatusForbidden, signInForm{Next: "/", LinkUsed: true})
	}
	if err != nil {
		return err
	}
	http.SetCookie(v.w, cookieOf(v.Request, t, v.server.Now()))
	next := "/"
	if t.NoPassword {
		next = "/password"
	}
	v.w.Header().Set("Refresh", "0; url="+next)
	return v.write(http.StatusOK, bare(v.bareFrame(page{Title: "Signing in"}), entering()))
}

func signOut(v *Visit) error {
	if err := v.server.Accounts.SignOut(v.Context(), secretOf(v.Request)); err != nil {
		return err
	}
	http.SetCookie(v.w, &http.Cookie{Name: cookieNameOf(v.Request), Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return v.redirect("/signin")
}
