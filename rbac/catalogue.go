package rbac

// Granting names the roles.
func Granting(perms ...Permission) []string { return nil }
