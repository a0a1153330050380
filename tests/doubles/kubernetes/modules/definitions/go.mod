module slipway/definitions

go 1.25.0

require (
	github.com/cert-manager/cert-manager v1.19.1
	github.com/prometheus-operator/prometheus-operator v0.86.1
	sigs.k8s.io/gateway-api v1.4.0
	sigs.k8s.io/secrets-store-csi-driver v1.5.4
)
