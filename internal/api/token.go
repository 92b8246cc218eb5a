package api

import "time"

// Token is what is kept of a token; its secret is not.
type Token struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Kind      string     `json:"kind" enum:"api,leaf,relay,trust" doc:"api acts for an account; the others let a server cluster"`
	User      string     `json:"user"`
	Created   time.Time  `json:"created"`
	Expires   *time.Time `json:"expires,omitempty"`
	Holder    string     `json:"holder,omitempty" doc:"server that uses it, once known"`
	MayClaim  int        `json:"may_claim,omitempty" doc:"how many zones at home here that no account owns may still pass to the holder"`
	Addresses []string   `json:"addresses,omitempty" doc:"from which it works; absent: from everywhere"`
	Names     []string   `json:"names,omitempty" doc:"patterns of the names whose records it is for; absent: it is for all that its account may"`
	Types     []string   `json:"types,omitempty" doc:"types of these records; absent: all"`
	Expired   bool       `json:"expired,omitempty"`

	Privileges []string `json:"privileges,omitempty" doc:"that it has of its account's; absent: all"`
	Warnings   []string `json:"warnings,omitempty" doc:"where it is made, edited or shown alone: which of its privileges get around its limits, and how"`

	Revoked bool `json:"revoked,omitempty"`
}

// TokenList is the tokens of this server.
type TokenList struct {
	Tokens []Token `json:"tokens"`
}

// NewToken makes a token.
type NewToken struct {
	Name      string     `json:"name" maxLength:"50" doc:"what it is for: letters, digits, dots, - and _"`
	Kind      string     `json:"kind,omitempty" enum:"api,leaf,relay" default:"api"`
	MayClaim  int        `json:"may_claim,omitempty" minimum:"0" doc:"how many zones at home here that no account owns may pass to the holder at its first synchronization"`
	Expires   *time.Time `json:"expires,omitempty"`
	Addresses []string   `json:"addresses,omitempty" maxItems:"100" doc:"addresses and prefixes from which it works"`
	Names     []string   `json:"names,omitempty" maxItems:"100" doc:"kind api: patterns of names, as _acme-challenge.*; the token can read and write records at these names and do nothing else"`
	Types     []string   `json:"types,omitempty" maxItems:"20" doc:"with names: types of the records, as TXT; absent: all"`

	Privileges []string `json:"privileges,omitempty" doc:"kind api: that it has of yours; absent: all"`
}

// TokenEdit changes a token; what is absent stays.
type TokenEdit struct {
	Name      *string    `json:"name,omitempty" maxLength:"50"`
	Expires   *time.Time `json:"expires,omitempty"`
	Never     bool       `json:"never,omitempty" doc:"it does not expire any more"`
	Addresses *[]string  `json:"addresses,omitempty" maxItems:"100" doc:"empty: from everywhere"`
	Names     *[]string  `json:"names,omitempty" maxItems:"100" doc:"of a token that has some"`
	Types     *[]string  `json:"types,omitempty" maxItems:"20"`

	Privileges *[]string `json:"privileges,omitempty" doc:"at least one, at most yours"`
}

// RevokeTokens makes all tokens of an account worthless.
type RevokeTokens struct {
	Servers bool `json:"servers,omitempty" doc:"those of servers of the cluster too: their links end"`
}

// RevokedTokens counts them.
type RevokedTokens struct {
	Programs int `json:"programs" doc:"tokens of kind api"`
	Servers  int `json:"servers" doc:"tokens of servers"`
}

// CreatedToken shows the secret, this once.
type CreatedToken struct {
	Token string `json:"token" doc:"the secret, shown only in this answer"`
	Info  Token  `json:"info"`
}
