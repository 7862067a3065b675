package state

import (
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// ClusterName is the cluster's name in the kubeconfig.
const ClusterName = "demo"

// Kubeconfig is the path of the kubeconfig with one context per identity.
func (f *Folder) Kubeconfig() string { return f.Path("kubeconfig") }

// ProgramKubeconfig is the path of the kubeconfig of one of the cluster's own programs.
func (f *Folder) ProgramKubeconfig(name string) string { return f.Path("kubeconfigs", name) }

// WriteKubeconfigs writes the users' kubeconfig and those of the cluster's programs. The users' current context is kept
// when there is one: somebody may have chosen it.
func (f *Folder) WriteKubeconfigs(tokens map[string]string) error {
	ca, err := os.ReadFile(f.Path("pki", "ca.crt"))
	if err != nil {
		return err
	}
	base := func() *api.Config {
		c := api.NewConfig()
		c.Clusters[ClusterName] = &api.Cluster{Server: "https://" + f.Addr(APIServer), CertificateAuthorityData: ca}
		return c
	}
	users := base()
	for _, id := range Users {
		users.AuthInfos[id.Context] = &api.AuthInfo{Token: tokens[id.User]}
		users.Contexts[id.Context] = &api.Context{Cluster: ClusterName, AuthInfo: id.Context, Namespace: id.Namespace}
	}
	users.CurrentContext = CurrentContext
	if old, err := clientcmd.LoadFromFile(f.Kubeconfig()); err == nil && users.Contexts[old.CurrentContext] != nil {
		users.CurrentContext = old.CurrentContext
	}
	if err := writeConfig(f.Kubeconfig(), users); err != nil {
		return err
	}
	for name, id := range Programs {
		c := base()
		c.AuthInfos[name] = &api.AuthInfo{Token: tokens[id.User]}
		c.Contexts[name] = &api.Context{Cluster: ClusterName, AuthInfo: name}
		c.CurrentContext = name
		if err := writeConfig(f.ProgramKubeconfig(name), c); err != nil {
			return err
		}
	}
	return nil
}

func writeConfig(path string, c *api.Config) error {
	data, err := clientcmd.Write(*c)
	if err != nil {
		return err
	}
	return WriteFile(path, data)
}

// RESTConfig is a client configuration for one of the cluster's programs, without client-side rate limits: there is
// nobody else here to be polite to.
func (f *Folder) RESTConfig(name string) (*rest.Config, error) {
	c, err := clientcmd.BuildConfigFromFlags("", f.ProgramKubeconfig(name))
	if err != nil {
		return nil, err
	}
	c.QPS = -1
	c.UserAgent = "vmdeck-cluster/" + name
	return c, nil
}
