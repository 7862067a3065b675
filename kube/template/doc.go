// Package template makes virtual machines from VmTemplates: it reads the catalogue, turns a template and what the user chose into a
// VirtualMachine, has the server try it, makes it, and follows it until it runs. Those who may also keep templates by it.
//
// A template is the spec of a VirtualMachine with what the catalogue shows (spectrocloud.com/v1, cluster scope).
package template
