package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	wfclientset "github.com/argoproj/argo-workflows/v4/pkg/client/clientset/versioned"
)

// check judges files without running them: both lints, and creation on an API server. Each file is by itself.
func check(ctx context.Context, dir string, files []string) (int, error) {
	worst := 0
	for _, file := range files {
		for _, submit := range []bool{false, true} {
			code, err := lint([]string{file}, submit)
			if err != nil {
				return code, err
			}
			worst = max(worst, code)
		}
	}
	code, err := up(ctx, dir, true, append([]string{os.Args[0], "create"}, files...))
	return max(worst, code), err
}

// createAll creates the objects of each file on the cluster of KUBECONFIG, under strict validation, and removes
// them again before the next file.
func createAll(ctx context.Context, files []string) (int, error) {
	config, err := clientConfig()
	if err != nil {
		return 1, err
	}
	client, err := wfclientset.NewForConfig(config)
	if err != nil {
		return 1, err
	}
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return 1, err
	}
	code := 0
	for _, file := range files {
		documents, err := readDocuments(file)
		if err != nil {
			return 1, err
		}
		made := map[string]document{}
		for _, d := range documents {
			f := finding{File: file, Check: "create", Name: d.meta.Name}
			name := ""
			if err = makeNamespace(ctx, kube, d.meta.Namespace); err == nil {
				name, err = create(ctx, client, kube, d)
			}
			if err != nil {
				f.Error, code = err.Error(), 1
			} else {
				f.Name, made[d.meta.Kind+"/"+name] = name, d
			}
			printJSON(f)
		}
		for key, d := range made {
			_, name, _ := strings.Cut(key, "/")
			if err := remove(ctx, client, kube, d.meta, name); err != nil {
				return 1, err
			}
		}
	}
	return code, nil
}

func remove(ctx context.Context, client wfclientset.Interface, kube kubernetes.Interface, meta metav1.PartialObjectMetadata, name string) error {
	from, err := placeOf(meta.Kind, client, kube)
	if err != nil {
		return err
	}
	return from.client.Delete().NamespaceIfScoped(namespaceOf(meta), from.namespaced).Resource(from.resource).Name(name).Do(ctx).Error()
}

// makeNamespace makes sure that a namespace is there.
func makeNamespace(ctx context.Context, kube kubernetes.Interface, name string) error {
	if name == "" {
		return nil
	}
	_, err := kube.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// A document is one object of a file: its text, and who it is.
type document struct {
	meta metav1.PartialObjectMetadata
	text []byte
}

func readDocuments(file string) ([]document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var found []document
	for _, part := range strings.Split("\n"+string(text), "\n---") {
		d := document{text: []byte(part)}
		if err := yaml.Unmarshal(d.text, &d.meta); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if d.meta.Kind != "" {
			found = append(found, d)
		}
	}
	return found, nil
}
