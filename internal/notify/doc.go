// Package notify tells people of what happens to a server: it makes messages of events and sends them by mail and to a
// webhook.
//
// It does not know where events come from, whose contact is whose, members, zones or how settings are kept: all of that
// is handed to it. Whether an event is worth a message was decided by whoever wrote it.
//
//	message.go   Event and Message; Compose, a pure function from one to the other
//	quiet.go     what is not said again, and how much is said in an hour
//	follow.go    Notifier: follows the events for each transport, with a cursor; tries again
//	mail.go      messages by SMTP
//	webhook.go   messages to a URL, signed (Standard Webhooks)
//
// The queue of a transport is the list of events itself, which is bounded and survives restarts; the cursor says how far
// it has come. A message is repeated when the server was killed between sending it and noting that: its id stays the same.
//
// Goroutines: Run has one for each transport and joins them.
package notify
