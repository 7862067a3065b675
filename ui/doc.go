// Package ui holds the terminal building blocks of vmdeck. None of them knows what a virtual machine is.
//
//	text     measures, cuts and disarms strings
//	theme    tones and symbols, from the terminal's own palette
//	keys     one table of keys for dispatch, key bar and help
//	table    live rows known by ID
//	input    one line of text
//	choose   a list that narrows while one types
//	dialog   questions, forms, pickers on top of a page
//	palette  commands by name
//	pager    long text, with search
//	help     all keys of a page
//	progress an operation on many things
//	toast    short messages
//	shell    the root model: header, tabs, pages, key bar, overlays
//	uitest   drives all of this without a terminal
package ui
