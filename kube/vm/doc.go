// Package vm knows virtual machines: it watches VirtualMachines, VirtualMachineInstances and migrations and joins them to rows, holds
// the table of actions with their permissions, states and confirmations, and carries actions out.
package vm
