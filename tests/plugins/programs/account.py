"""An account as a backend on EKS behind a load balancer needs it."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

config = pulumi.Config()
zones = aws.get_availability_zones(state="available").names[:2]
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", tags={"application": "shop"})
gateway = aws.ec2.InternetGateway("internet", vpc_id=vpc.id)
subnets = [
    aws.ec2.Subnet(
        f"subnet-{i}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24", availability_zone=zone
    )
    for i, zone in enumerate(zones)
]
table = aws.ec2.RouteTable("table", vpc_id=vpc.id)
aws.ec2.Route(
    "route",
    route_table_id=table.id,
    destination_cidr_block="0.0.0.0/0",
    gateway_id=gateway.id,
)
for i, subnet in enumerate(subnets):
    aws.ec2.RouteTableAssociation(f"table-{i}", route_table_id=table.id, subnet_id=subnet.id)
address = aws.ec2.Eip("address", domain="vpc")
aws.ec2.NatGateway("nat", subnet_id=subnets[0].id, allocation_id=address.id)
group = aws.ec2.SecurityGroup(
    "group", vpc_id=vpc.id, description=config.get("description") or "of the load balancer"
)
aws.vpc.SecurityGroupIngressRule(
    "https",
    security_group_id=group.id,
    ip_protocol="tcp",
    from_port=443,
    to_port=443,
    cidr_ipv4="0.0.0.0/0",
)

principals = [{"type": "Service", "identifiers": ["eks.amazonaws.com"]}]
trust = aws.iam.get_policy_document(
    statements=[{"actions": ["sts:AssumeRole"], "principals": principals}]
)
role = aws.iam.Role("role", assume_role_policy=trust.json)
attachment = aws.iam.RolePolicyAttachment(
    "attachment",
    role=role.name,
    policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
)
key = aws.kms.Key("key", enable_key_rotation=True)
aws.kms.Alias("alias", name="alias/shop", target_key_id=key.key_id)
cluster = aws.eks.Cluster(
    "cluster",
    role_arn=role.arn,
    version=config.get("version") or "1.33",
    vpc_config={"subnet_ids": [each.id for each in subnets]},
    encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
    access_config={"authentication_mode": "API"},
    opts=pulumi.ResourceOptions(depends_on=[attachment]),
)
aws.eks.NodeGroup(
    "nodes",
    cluster_name=cluster.name,
    node_role_arn=role.arn,
    subnet_ids=[each.id for each in subnets],
    scaling_config={"min_size": 1, "desired_size": 2, "max_size": 3},
)
entry = aws.eks.AccessEntry("entry", cluster_name=cluster.name, principal_arn=role.arn)
aws.eks.AccessPolicyAssociation(
    "admin",
    cluster_name=cluster.name,
    principal_arn=entry.principal_arn,
    policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
    access_scope={"type": "cluster"},
)
aws.eks.PodIdentityAssociation(
    "identity",
    cluster_name=cluster.name,
    namespace="shop",
    service_account="api",
    role_arn=role.arn,
)

# The cluster's own provider: what it is told is unknown until the cluster is there.
kubeconfig = cluster.endpoint.apply(
    lambda server: json.dumps({"clusters": [{"name": "shop", "cluster": {"server": server}}]})
)
inside = k8s.Provider("inside", kubeconfig=kubeconfig, cluster_identifier=cluster.arn)
space = k8s.core.v1.Namespace(
    "space", metadata={"name": "shop"}, opts=pulumi.ResourceOptions(provider=inside)
)
k8s.core.v1.ConfigMap(
    "settings",
    metadata={"namespace": space.metadata.name, "labels": {"app.kubernetes.io/name": "shop"}},
    data={"host": "app.example.org", "token": pulumi.Output.secret("sentinel-of-a-secret")},
    opts=pulumi.ResourceOptions(provider=inside),
)

zone = aws.route53.Zone("zone", name="example.org")
certificate = aws.acm.Certificate(
    "certificate", domain_name="app.example.org", validation_method="DNS"
)
option = certificate.domain_validation_options[0]
proof = aws.route53.Record(
    "proof",
    zone_id=zone.zone_id,
    name=option.resource_record_name,
    type=option.resource_record_type,
    records=[option.resource_record_value],
    ttl=60,
)
validated = aws.acm.CertificateValidation(
    "validated", certificate_arn=certificate.arn, validation_record_fqdns=[proof.fqdn]
)
balancer = aws.lb.LoadBalancer(
    "balancer", security_groups=[group.id], subnets=[each.id for each in subnets]
)
slots = [
    aws.lb.TargetGroup(slot, port=80, protocol="HTTP", target_type="ip", vpc_id=vpc.id)
    for slot in ("blue", "green")
]
weights = config.get_object("weights") or [100, 0]
forward = {
    "target_groups": [
        {"arn": each.arn, "weight": weight} for each, weight in zip(slots, weights, strict=True)
    ]
}
aws.lb.Listener(
    "listener",
    load_balancer_arn=balancer.arn,
    port=443,
    protocol="HTTPS",
    certificate_arn=validated.certificate_arn,
    ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
    default_actions=[{"type": "forward", "forward": forward}],
)
aws.route53.Record(
    "site",
    zone_id=zone.zone_id,
    name="app",
    type="A",
    aliases=[
        {"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": True}
    ],
)

secret = aws.secretsmanager.Secret("secret", recovery_window_in_days=7)
aws.secretsmanager.SecretVersion(
    "value", secret_id=secret.id, secret_string=pulumi.Output.secret("sentinel-of-a-secret")
)
topic = aws.sns.Topic("topic", display_name=pulumi.Output.secret("sentinel-of-a-secret"))
aws.sns.TopicSubscription("mail", topic=topic.arn, protocol="email", endpoint="a@example.org")
aws.cloudwatch.LogGroup("logs", retention_in_days=30)
aws.cloudwatch.MetricAlarm(
    "errors",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    metric_name="HTTPCode_Target_5XX_Count",
    namespace="AWS/ApplicationELB",
    period=60,
    statistic="Sum",
    threshold=1,
    alarm_actions=[topic.arn],
)
body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "shop"}}]})
aws.cloudwatch.Dashboard("dashboard", dashboard_name="shop", dashboard_body=body)

pulumi.export("host", balancer.dns_name)
pulumi.export("endpoint", cluster.endpoint)
pulumi.export("authority", cluster.certificate_authority.data)
pulumi.export("tags", vpc.tags_all)
pulumi.export("addresses", vpc.cidr_block)
