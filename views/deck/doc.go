// Package deck holds what all screens of one context share: the connection, the inventory, what the user may do, and the messages
// by which changes reach the screens.
package deck
