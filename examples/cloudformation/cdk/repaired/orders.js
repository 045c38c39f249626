// The order desk as it should be: the CDK's grants name one table, bucket or function each.
const cdk = require('aws-cdk-lib');
const { aws_iam: iam, aws_lambda: lambda, aws_s3: s3, aws_sqs: sqs, aws_dynamodb: dynamodb } = cdk;

class Orders extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id, { synthesizer: new cdk.LegacyStackSynthesizer() });

    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'order', type: dynamodb.AttributeType.STRING },
    });

    const invoices = new s3.Bucket(this, 'Invoices', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
    });

    const worker = new lambda.Function(this, 'Worker', {
      runtime: lambda.Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: lambda.Code.fromInline('def handler(event, context):\n    return None\n'),
      environment: { TABLE: table.tableName, INVOICES: invoices.bucketName },
    });
    table.grantReadWriteData(worker);
    invoices.grantPut(worker);

    const events = new sqs.Queue(this, 'Events', { enforceSSL: true });
    events.addToResourcePolicy(new iam.PolicyStatement({
      actions: ['sqs:SendMessage'],
      resources: [events.queueArn],
      principals: [new iam.ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      })],
    }));

    const github = new iam.OidcProviderNative(this, 'GitHub', {
      url: 'https://token.actions.githubusercontent.com',
      clientIds: ['sts.amazonaws.com'],
    });
    const deploy = new iam.Role(this, 'Deploy', {
      assumedBy: new iam.WebIdentityPrincipal(github.oidcProviderArn, {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': 'repo:example-orders/desk:environment:production',
        },
      }),
    });
    worker.grantInvoke(deploy);
  }
}

const app = new cdk.App({ outdir: 'cdk.out', analyticsReporting: false, treeMetadata: false });
new Orders(app, 'Orders');
app.synth();
