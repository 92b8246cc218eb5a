// Package handover gives the work of one process to the next one without closing a socket: a successor is started from the
// program file on disk, inherits the listening sockets, and takes over when it is ready; until then this process goes on.
//
// The two speak over one socket pair, a line at a time:
//
//	successor                                  predecessor
//	hello 1 VERSION     it runs, its           starts it; without hello nothing was touched yet
//	                    configuration is good
//	                                           stops writing, lets go of the data folder; answers DNS as before
//	                       go, or go settled   the data folder is free; settled: who writes in it was found out already
//	loading N           N zones are loaded
//	ready               it answers
//	                                   yours   tells systemd, answers what it has begun, ends
//
// A successor that ends, or stands still, before "ready" is killed and the predecessor goes on as before. The version in
// hello is that of these lines.
//
// The same form, sockets with names in the environment, is what systemd's descriptor store hands to a restarted process:
// Inherit reads both. It does not know what is listened for, nor what a data folder is.
//
//	sockets.go      Sockets: what is inherited, open, and kept for the next process
//	successor.go    starting one, and what it says
//	predecessor.go  the other end
//
// It owns no goroutine but the reader of a Successor, which ends with it.
package handover
