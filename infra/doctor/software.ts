import { dockerEngine, hasImage } from '../broker/dockerCli.ts';
import { kafkaIsFetched } from '../broker/kafkaHome.ts';
import { findJava, findMaven, run } from '../broker/tools.ts';
import { imageOf, losesMarkers, PINNED_VERSION, versionOf } from '../broker/version.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

type Env = NodeJS.ProcessEnv;

/** The Kafka that will be started here; nothing where it is a sound one. */
export function broker(version: string): Finding[] {
  if (!losesMarkers(version)) return [];
  const fault = `${version} loses the ends of transactions when its broker is killed (KAFKA-20734)`;
  return [warning('KAFKA_VERSION', fault, `unset KAFKA_VERSION, which gives ${PINNED_VERSION}`)];
}

/** Docker's engine, its compose plug-in, and Kafka's image. The image finding comes last and only with an engine. */
export async function docker(env: Env): Promise<Finding[]> {
  const engine = await dockerEngine(env);
  if ('problem' in engine) {
    return [
      missing(
        'Docker',
        engine.problem,
        engine.remedy ??
          'start Docker Desktop or the Docker service, or see https://docs.docker.com/get-docker',
      ),
    ];
  }
  const compose = await run('docker', ['compose', 'version', '--short'], env);
  return [ok('Docker', `engine ${engine.version} answers`), composeFinding(compose), await image(env)];
}

function composeFinding({ code, output }: { code: number | null; output: string }): Finding {
  const name = 'Docker compose';
  if (code !== 0)
    return missing(name, 'docker has no compose command', 'install the compose plug-in, version 2 or newer');
  const version = output.trim();
  const [major = 0, minor = 0, patch = 0] = (/\d+\.\d+\.\d+/.exec(version)?.[0] ?? '').split('.').map(Number);
  if (major > 2 || (major === 2 && (minor > 24 || (minor === 24 && patch >= 4))))
    return ok(name, `version ${version}`);
  return warning(
    name,
    `version ${version} starts docker-compose.yml, and not infra/compose/cluster.yml`,
    'that one needs 2.24.4 or newer: update the compose plug-in',
  );
}

async function image(env: Env): Promise<Finding> {
  const name = imageOf(versionOf(env));
  if (await hasImage(env, name)) return ok('Kafka image', `${name} is here`);
  const { code } = await run('docker', ['manifest', 'inspect', name], env);
  return code === 0
    ? ok('Kafka image', `${name} is not here yet, but can be pulled, about 200 MB`)
    : missing(
        'Kafka image',
        `${name} is not here and cannot be pulled`,
        `see what "docker pull ${name}" says`,
      );
}

export async function java(env: Env): Promise<Finding> {
  const remedy =
    'install a Java 17 or newer, for example Temurin from https://adoptium.net; only needed without Docker';
  const found = await findJava(env);
  if (!found) return missing('Java', 'there is none, neither in JAVA_HOME nor in the PATH', remedy);
  if (found.major < 17) return missing('Java', `${found.version} is older than 17`, remedy);
  return ok('Java', `version ${found.version} (${found.command})`);
}

export async function maven(env: Env): Promise<Finding> {
  const found = await findMaven(env);
  if (found) return ok('Maven', `version ${found.version}`);
  const version = versionOf(env);
  if (kafkaIsFetched(version)) return ok('Maven', `there is none, but Kafka ${version} is fetched already`);
  return missing(
    'Maven',
    'there is none',
    'install it, see https://maven.apache.org/install; only needed without Docker',
  );
}

export function node(): Finding {
  const found = `version ${process.versions.node} (${process.execPath})`;
  return process.versions.node.startsWith('24.')
    ? ok('Node', found)
    : warning(
        'Node',
        found,
        'the project is tested with 24, which "npm run setup" fetches and every npm script uses',
      );
}

/** Only for taking part with the scripts of the public tutorials. */
export async function python(env: Env): Promise<Finding> {
  const { code, output } = await run('python3', ['-c', 'import kafka; print(kafka.__version__)'], env);
  const remedy = 'only needed for Python scripts: python3 -m pip install "kafka-python>=2.1"';
  if (code === null)
    return warning('Python', 'there is no python3', 'only needed for Python scripts: install Python 3');
  const version = output.trim();
  if (code !== 0) return warning('kafka-python', 'Python has no kafka-python', remedy);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= 1)) return ok('kafka-python', `version ${version}`);
  return warning('kafka-python', `version ${version} takes the ends of transactions for messages`, remedy);
}
