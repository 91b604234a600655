/** The manifests without a cluster: they are up to date, they fit the code, and they are valid where a tool can say so. */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commonConfig } from '@rideflow/shared/config.ts';
import { Ajv, type ValidateFunction } from 'ajv';
import { parseAllDocuments } from 'yaml';
import { stale } from '../generated.ts';
import { generated } from '../kubernetes.ts';
import { manifests } from './files.ts';
import { authority } from './login.ts';
import { images, namespace } from './plan.ts';
import { type Manifest, problemsIn } from './problems.ts';

const overlays = ['local', 'strimzi', 'external'] as const;
const kubectl = answers('kubectl', 'kustomize', '--help');
if (!kubectl) console.log('Skipped: what Kustomize makes of the manifests. There is no kubectl.');
const python = resolve('.rideflow/python/bin/python');
const validate = answers(python, '-c', 'import kubernetes_validate');
if (!validate)
  console.log(
    `Skipped: the schemas of Kubernetes. To have them: ${python} -m pip install kubernetes-validate`,
  );
const crds = process.env.KUBERNETES_CRDS ?? resolve('.rideflow/crds');
const definitions = globSync('**/*.y{,a}ml', { cwd: crds }).flatMap((file) =>
  parseAllDocuments(readFileSync(join(crds, file), 'utf8')).map((document) => document.toJS()),
);
if (definitions.length === 0)
  console.log(
    `Skipped: the definitions of Strimzi and KEDA. KUBERNETES_CRDS can name a folder with them; ${crds} has none.`,
  );

const run = (program: string, ...args: string[]) => {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}${stderr}`);
  }
};
const documentsOf = (text: string): Manifest[] => parseAllDocuments(text).map((document) => document.toJS());
const written = manifests();
const parsed = new Map([...written].map(([path, text]) => [path, documentsOf(text)]));

function answers(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The objects of an overlay without Kustomize: its own, those of the base, and the ConfigMaps that are generated. */
function assemble(overlay: string): Manifest[] {
  const read = (path: string): Manifest[] => structuredClone(parsed.get(path) ?? []);
  const folders = ['base', `overlays/${overlay}`];
  const maps = new Map<string, Record<string, string>>();
  for (const folder of folders)
    for (const { name, literals } of read(`${folder}/kustomization.yaml`)[0].configMapGenerator ?? [])
      maps.set(name, {
        ...maps.get(name),
        ...Object.fromEntries(
          literals.map((text: string) => [
            text.slice(0, text.indexOf('=')),
            text.slice(text.indexOf('=') + 1),
          ]),
        ),
      });
  return [
    ...[...written.keys()]
      .filter(
        (path) =>
          folders.some((folder) => path.startsWith(`${folder}/`)) && !path.endsWith('/kustomization.yaml'),
      )
      .flatMap(read),
    ...[...maps].map(([name, data]) => ({ kind: 'ConfigMap', metadata: { name }, data })),
  ];
}

test('the manifests are as the code wants them: `npm run kubernetes` would change nothing', () => {
  expect(stale(generated)).toEqual([]);
});

test.each(overlays)('the overlay %s fits the code', (overlay) => {
  expect(problemsIn(assemble(overlay))).toEqual([]);
});

const toolsText = readFileSync(join(import.meta.dirname, 'tools.yaml'), 'utf8');

test('the pod with the tools has the image, the label and the variables that the services know', () => {
  const [pod] = documentsOf(toolsText);
  expect(pod.metadata).toMatchObject({ namespace, labels: { 'app.kubernetes.io/component': 'tools' } });
  expect(pod.spec.containers[0].image).toBe(images.rideflow);
  const named = [...toolsText.matchAll(/name: (KAFKA_\w+)/g)].map(([, name]) => name); // the lines that are off, too
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((name) => !(name && name in commonConfig('rides', 0)))).toEqual([]);
  expect(toolsText).toContain(`name: ${authority.name}`);
});

const named = (all: Manifest[], kind: string, name: string) =>
  all.find((one) => one.kind === kind && one.metadata.name === name);

describe('manifests that do not fit the code are refused', () => {
  const container = (all: Manifest[], name: string) =>
    named(all, name === 'analytics' ? 'StatefulSet' : 'Deployment', name).spec.template.spec.containers[0];
  const map = (all: Manifest[], name = 'rideflow') => named(all, 'ConfigMap', name).data;

  test.each<
    [what: string, overlay: (typeof overlays)[number], spoil: (all: Manifest[]) => void, problem: RegExp]
  >([
    [
      'a probe of a path that nobody serves',
      'local',
      (all) => {
        container(all, 'rides').readinessProbe.httpGet.path = '/ready';
      },
      /asks for \/ready, which no service serves/,
    ],
    [
      'a probe of a port that is not there',
      'local',
      (all) => {
        container(all, 'email').livenessProbe.httpGet.port = 'web';
      },
      /asks the port web/,
    ],
    [
      'more processes than partitions',
      'local',
      (all) => {
        named(all, 'Deployment', 'transaction').spec.replicas = 7;
      },
      /7 replicas for 6 partitions/,
    ],
    [
      'two processes of analytics',
      'local',
      (all) => {
        named(all, 'StatefulSet', 'analytics').spec.replicas = 2;
      },
      /2 replicas, but one file/,
    ],
    [
      'a variable that nobody reads',
      'local',
      (all) => {
        map(all, 'email').SMTP_HOST = 'mailbox';
      },
      /does not know the variable SMTP_HOST/,
    ],
    [
      'a value that is refused',
      'local',
      (all) => {
        map(all).PARTITIONS = 'six';
      },
      /PARTITIONS="six"/,
    ],
    [
      'a password in plain text',
      'local',
      (all) => {
        map(all, 'email').SMTP_URL = 'smtp://me:hunter2@mailbox:1025';
      },
      /secret SMTP_URL in plain text/,
    ],
    [
      'a token in plain text',
      'local',
      (all) => {
        map(all, 'rides').API_TOKEN = '0123456789abcdef';
      },
      /secret API_TOKEN in plain text/,
    ],
    [
      'an address without a Service',
      'local',
      (all) => {
        map(all).KAFKA_BROKERS = 'broker.rideflow.svc:9092';
      },
      /broker\.rideflow\.svc:9092, which no Service has/,
    ],
    [
      'a ConfigMap that is not there',
      'local',
      (all) => {
        container(all, 'rides').envFrom[0].configMapRef.name = 'common';
      },
      /ConfigMap common, which is not there/,
    ],
    [
      'a grace period shorter than the stop',
      'local',
      (all) => {
        named(all, 'Deployment', 'rides').spec.template.spec.terminationGracePeriodSeconds = 8;
      },
      /killed after 8 s, but its stop may take 17 s/,
    ],
    [
      'rides without a pause before its stop',
      'local',
      (all) => {
        container(all, 'rides').lifecycle = undefined;
      },
      /no preStop pause/,
    ],
    [
      'a pod that may write everywhere',
      'local',
      (all) => {
        container(all, 'flow').securityContext.readOnlyRootFilesystem = false;
      },
      /may write to its root file system/,
    ],
    [
      'a service-account token',
      'local',
      (all) => {
        named(all, 'Deployment', 'email').spec.template.spec.automountServiceAccountToken = true;
      },
      /gets a service-account token/,
    ],
    [
      'a script that does not exist',
      'local',
      (all) => {
        container(all, 'rides').command = ['node', 'services/ride/src/main.ts'];
      },
      /starts services\/ride\/src\/main\.ts, which does not exist/,
    ],
    [
      'a Service without pods',
      'local',
      (all) => {
        named(all, 'Service', 'rides').spec.selector['app.kubernetes.io/name'] = 'ride';
      },
      /Service\/rides selects no pod/,
    ],
    [
      'a budget that blocks every drain',
      'local',
      (all) => {
        named(all, 'PodDisruptionBudget', 'rides').spec.selector.matchLabels = {
          'app.kubernetes.io/name': 'analytics',
        };
      },
      /guards a single pod/,
    ],
    [
      'a service that may not reach Kafka',
      'local',
      (all) => {
        named(all, 'NetworkPolicy', 'to-kafka').spec.egress = [];
      },
      /email may not connect to kafka:9092/,
    ],
    [
      'a mailbox that refuses email',
      'local',
      (all) => {
        named(all, 'NetworkPolicy', 'mailbox').spec.ingress = [];
      },
      /mailbox:1025 may not be reached by email/,
    ],
    [
      'a way that nobody needs',
      'local',
      (all) => {
        named(all, 'NetworkPolicy', 'default-deny').spec.policyTypes = ['Ingress'];
        named(all, 'NetworkPolicy', 'default-deny').spec.podSelector = {};
        named(all, 'NetworkPolicy', 'kafka').spec.ingress = [{}];
        named(all, 'NetworkPolicy', 'to-kafka').spec.podSelector = {};
      },
      /mailbox may connect to kafka:9092, which it does not need/,
    ],
    [
      'a topic that is there twice',
      'strimzi',
      (all) => {
        all.push(structuredClone(named(all, 'KafkaTopic', 'ride-details')));
      },
      /KafkaTopic\/ride-details is there twice/,
    ],
    [
      'a topic too few',
      'strimzi',
      (all) => {
        named(all, 'KafkaTopic', 'ride-confirmed.email.dlq').spec.topicName = 'x';
      },
      /the topic ride_confirmed\.email\.dlq is there 0 times/,
    ],
    [
      'topics with different numbers of partitions',
      'strimzi',
      (all) => {
        named(all, 'KafkaTopic', 'ride-details').spec.partitions = 3;
      },
      /ride_details has 3 partitions, not 6/,
    ],
    [
      'a user without its transactional ids',
      'strimzi',
      (all) => {
        const user = named(all, 'KafkaUser', 'transaction').spec.authorization;
        user.acls = user.acls.filter(({ resource }: Manifest) => resource.type !== 'transactionalId');
      },
      /the user transaction lacks: Write transactionalId transaction\/ prefix/,
    ],
    [
      'a user with too much',
      'strimzi',
      (all) => {
        named(all, 'KafkaUser', 'email').spec.authorization.acls[0].operations = ['All'];
      },
      /the user email has too much/,
    ],
    [
      'a release of Kafka that loses markers',
      'strimzi',
      (all) => {
        named(all, 'Kafka', 'rideflow').spec.kafka.version = '4.3.1';
      },
      /loses markers/,
    ],
    [
      'topics that fill the disk',
      'strimzi',
      (all) => {
        named(all, 'KafkaTopic', 'ride-details').spec.config['retention.bytes'] *= 2;
      },
      /the topics may take 100\.0 GiB of each broker, whose disk has 100Gi/,
    ],
    [
      'offsets that expire before messages',
      'strimzi',
      (all) => {
        named(all, 'Kafka', 'rideflow').spec.kafka.config['offsets.retention.minutes'] = 1440;
      },
      /offsets expire before the messages/,
    ],
  ])('%s', (_what, overlay, spoil, problem) => {
    const all = assemble(overlay);
    spoil(all);
    expect(problemsIn(all)).toContainEqual(expect.stringMatching(problem));
  });
});

/** Each overlay, and each with the components that go with it. */
const combinations = [
  ...overlays,
  'strimzi+scaling-keda',
  'external+scaling-keda',
  'local+scaling-cpu',
  'strimzi+scaling-cpu',
  'external+traces',
] as const;

(kubectl ? describe : describe.skip)('what Kustomize makes of them', () => {
  let folder: string;
  const made = new Map<string, Manifest[]>();
  const clone = (name: (typeof combinations)[number]) => structuredClone(made.get(name) ?? []);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rideflow-'));
    const files = new Map(written);
    for (const name of combinations) {
      const [overlay, component] = name.split('+');
      if (component)
        files.set(
          `overlays/${name}/kustomization.yaml`,
          JSON.stringify({ resources: [`../${overlay}`], components: [`../../components/${component}`] }),
        );
    }
    for (const [path, text] of files) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    for (const name of combinations)
      made.set(name, documentsOf(run('kubectl', 'kustomize', join(folder, 'overlays', name))));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(combinations)('%s fits the code', (name) => {
    expect(made.get(name)?.length).toBeGreaterThan(20);
    expect(problemsIn(clone(name))).toEqual([]);
  });

  test.each<
    [what: string, name: (typeof combinations)[number], spoil: (all: Manifest[]) => void, problem: RegExp]
  >([
    [
      'a scaler that goes beyond the partitions',
      'strimzi+scaling-keda',
      (all) => {
        named(all, 'ScaledObject', 'email').spec.maxReplicaCount = 7;
      },
      /goes up to 7 processes for 6 partitions/,
    ],
    [
      'a scaler that looks at another topic',
      'external+scaling-keda',
      (all) => {
        named(all, 'ScaledObject', 'email').spec.triggers[0].metadata.topic = 'ride_details';
      },
      /looks at ride_details, not at ride_confirmed/,
    ],
    [
      'a scaler without a login',
      'strimzi+scaling-keda',
      (all) => {
        named(all, 'TriggerAuthentication', 'transaction').metadata.name = 'other';
      },
      /ScaledObject\/transaction has no login/,
    ],
    [
      'a number of processes that two decide about',
      'local+scaling-cpu',
      (all) => {
        named(all, 'Deployment', 'rides').spec.replicas = 2;
      },
      /HorizontalPodAutoscaler\/rides and the manifest both set the number/,
    ],
  ])('%s is refused', (_what, name, spoil, problem) => {
    const all = clone(name);
    spoil(all);
    expect(problemsIn(all)).toContainEqual(expect.stringMatching(problem));
  });

  (validate ? test : test.skip)(
    'they satisfy the schemas of Kubernetes, and a field that Kubernetes does not know is refused',
    () => {
      const own = /^(kafka\.strimzi\.io|keda\.sh)\//;
      const all = [...made.values(), documentsOf(toolsText)]
        .flat()
        .filter(({ apiVersion }) => !own.test(apiVersion));
      const file = join(folder, 'all.json');
      const check = (objects: Manifest[]) => {
        writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
        return run(python, '-m', 'kubernetes_validate', '--strict', '--quiet', file);
      };
      const distinct = new Map(all.map((object) => [JSON.stringify(object), object]));
      expect(check([...distinct.values()])).not.toMatch(/ERROR/);
      const wrong = clone('local');
      named(wrong, 'Deployment', 'rides').spec.replica = 2;
      expect(() => check([named(wrong, 'Deployment', 'rides')])).toThrow(/replica/);
    },
  );

  (definitions.length > 0 ? test : test.skip)(
    'they satisfy the definitions of Strimzi and KEDA, and a field that these do not know is refused',
    () => {
      const all = [...clone('strimzi+scaling-keda')].filter(({ kind }) => definitionOf(kind));
      expect(new Set(all.map(({ kind }) => kind)).size).toBeGreaterThan(0);
      expect(all.flatMap(violations)).toEqual([]);
      for (const object of all) {
        object.spec.surprise = true;
        expect([object.kind, violations(object)]).toEqual([object.kind, [expect.stringMatching(/surprise/)]]);
      }
    },
  );
});

const definitionOf = (kind: string) => definitions.find((one) => one?.spec?.names?.kind === kind);

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
const checks = new Map<string, ValidateFunction>();

/** What the definition of a custom resource says against it. Kubernetes would drop a field that it does not know; here it is an error. */
function violations({ apiVersion, kind, spec }: Manifest): string[] {
  const version = definitionOf(kind).spec.versions.find(({ name }: Manifest) =>
    apiVersion.endsWith(`/${name}`),
  );
  if (!version) return [`${kind}: there is no ${apiVersion}`];
  const check = checks.get(kind) ?? ajv.compile(closed(version.schema.openAPIV3Schema.properties.spec));
  checks.set(kind, check);
  if (check(spec)) return [];
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${kind}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function closed(schema: Manifest): Manifest {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const open = schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties !== undefined;
  return {
    ...Object.fromEntries(
      Object.entries(schema).map(([name, value]) => [
        name,
        name === 'properties'
          ? Object.fromEntries(Object.entries(value as object).map(([key, one]) => [key, closed(one)]))
          : closed(value),
      ]),
    ),
    ...(schema.properties && !open && { additionalProperties: false }),
  };
}
