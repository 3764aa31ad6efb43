package main

import (
	"context"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	wfclientset "github.com/argoproj/argo-workflows/v4/pkg/client/clientset/versioned"
	"github.com/argoproj/argo-workflows/v4/util/logging"
	"github.com/argoproj/argo-workflows/v4/workflow/packer"
	"github.com/argoproj/argo-workflows/v4/workflow/util"
)

// retry does what `argo retry` does, to a Workflow of the cluster of KUBECONFIG that has ended: it asks Argo's own
// function what to reset, deletes those pods, and stores the Workflow. Then it waits, and prints how the run ended.
// With a selector, it is `argo retry --restart-successful --node-field-selector SELECTOR`.
func retry(ctx context.Context, name, selector string, limit time.Duration) (int, error) {
	ctx = logging.WithLogger(ctx, logging.NewSlogLoggerCustom(logging.Error, logging.Text, io.Discard))
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
	workflows := client.ArgoprojV1alpha1().Workflows(namespace)
	ended, err := workflows.Get(ctx, name, metav1.GetOptions{})
	if err == nil {
		err = packer.DecompressWorkflow(ctx, ended)
	}
	if err != nil {
		return 1, err
	}
	renewed, pods, err := util.FormulateRetryWorkflow(ctx, ended, selector != "", selector, nil)
	if err != nil {
		printJSON(outcome{Name: name, Error: err.Error()})
		return 1, nil
	}
	for _, pod := range pods {
		err := kube.CoreV1().Pods(namespace).Delete(ctx, pod, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return 1, err
		}
	}
	if _, err := workflows.Update(ctx, renewed, metav1.UpdateOptions{}); err != nil {
		return 1, err
	}
	o := waitFor(ctx, client, namespace, outcome{Name: name}, limit)
	printJSON(o)
	if o.Error != "" {
		return 1, nil
	}
	return 0, nil
}
