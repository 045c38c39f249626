// The order desk, written with the AWS CDK. cdk.out is what `node orders.js` made of it: iacscan reads that, and never runs this.
// iacscan reports: IAM210, IAM402, IAM403, IAM409, IAM605, IAM902.
const cdk = require('aws-cdk-lib');
const { aws_iam: iam, aws_lambda: lambda, aws_s3: s3, aws_sqs: sqs, aws_dynamodb: dynamodb } = cdk;

class Orders extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id, { synthesizer: new cdk.LegacyStackSynthesizer() });

    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'order', type: dynamodb.AttributeType.STRING },
    });

    // IAM902: invoices of customers, for all to read.
    const invoices = new s3.Bucket(this, 'Invoices', {
      publicReadAccess: true,
      blockPublicAccess: new s3.BlockPublicAccess({
        blockPublicAcls: false,
        blockPublicPolicy: false,
        ignorePublicAcls: false,
        restrictPublicBuckets: false,
      }),
    });

    // IAM402: table.grantReadWriteData(worker) would have done.
    const worker = new lambda.Function(this, 'Worker', {
      runtime: lambda.Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: lambda.Code.fromInline('def handler(event, context):\n    return None\n'),
      environment: { TABLE: table.tableName, INVOICES: invoices.bucketName },
    });
    worker.role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess'));

    // IAM605: whoever knows the address fills the queue.
    const events = new sqs.Queue(this, 'Events');
    events.addToResourcePolicy(new iam.PolicyStatement({
      actions: ['sqs:SendMessage'],
      resources: [events.queueArn],
      principals: [new iam.AnyPrincipal()],
    }));

    // IAM210: any repository of GitHub. IAM403 and IAM409: it replaces any function, with any role.
    const github = new iam.OidcProviderNative(this, 'GitHub', {
      url: 'https://token.actions.githubusercontent.com',
      clientIds: ['sts.amazonaws.com'],
    });
    const deploy = new iam.Role(this, 'Deploy', {
      assumedBy: new iam.WebIdentityPrincipal(github.oidcProviderArn, {
        StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
      }),
    });
    deploy.addToPolicy(new iam.PolicyStatement({ actions: ['iam:PassRole', 'lambda:*'], resources: ['*'] }));
  }
}

const app = new cdk.App({ outdir: 'cdk.out', analyticsReporting: false, treeMetadata: false });
new Orders(app, 'Orders');
app.synth();
