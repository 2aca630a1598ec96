import { PgscaleError } from '../../errors/pgscale-error.ts';
import { wal2jsonOptions } from '../../cdc/wal2json.ts';
import type { Cluster } from '../../spec/cluster.ts';
import { endpoint } from '../../spec/topology.ts';
import { endpointUrl } from '../../spec/urls.ts';
import type { Stream } from '../../sql/stream.ts';
import { streamOf } from './look.ts';
import { streamFrom } from './stages.ts';

export const CONSUMERS = ['debezium', 'kafka-connect', 'clickhouse', 'generic'] as const;
export type Consumer = (typeof CONSUMERS)[number];

export interface ConnectChoice {
  readonly name: string;
  readonly consumer: Consumer;
  /** Where the consumer finds the CA of the cluster. */
  readonly caFile: string;
  /** False: a placeholder stands where the password would. */
  readonly withPassword: boolean;
}

export interface Connection {
  readonly name: string;
  readonly consumer: Consumer;
  /** In what form: a file's format. */
  readonly format: 'properties' | 'json' | 'sql' | 'shell';
  readonly text: string;
  /** What the one who uses it has to know. */
  readonly notes: readonly string[];
}

interface Facts {
  readonly stream: Stream;
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly caFile: string;
  readonly url: string;
}

const PLACEHOLDER = '${CDC_PASSWORD}';

/** A configuration with which a consumer reads the stream by way of the primary endpoint. Contacts nothing. @throws PgscaleError PGS_CDC_UNKNOWN, PGS_CDC_REFUSED */
export function connection(cluster: Cluster, { name, consumer, caFile, withPassword }: ConnectChoice): Connection {
  const { spec, secrets } = cluster;
  const stream = streamFrom(streamOf(spec, name), spec);
  const { hosts, port } = endpoint(spec, 'primary');
  const password = withPassword ? (secrets.roles[stream.role] ?? PLACEHOLDER) : PLACEHOLDER;
  const { database, role } = stream;
  const url = endpointUrl(spec, 'primary', { database, role, password: withPassword ? password : '', caFile });
  const facts = { stream, host: hosts[0] ?? '', port, password, caFile, url };
  const one =
    hosts.length > 1
      ? [`It knows one host only; without a VIP or a name in the spec that is ${facts.host}, of ${hosts.join(', ')}.`]
      : [];
  switch (consumer) {
    case 'debezium':
      return { name, consumer, format: 'properties', text: debeziumServer(facts), notes: one };
    case 'kafka-connect':
      return { name, consumer, format: 'json', text: kafkaConnect(facts), notes: one };
    case 'clickhouse':
      return { name, consumer, format: 'sql', text: peerdb(facts), notes: [...one, NO_COPY, NO_CA] };
    case 'generic':
      return { name, consumer, format: 'shell', text: generic(facts), notes: [ACKNOWLEDGE] };
  }
}

const NO_COPY =
  'PeerDB takes a slot that is there only without an initial copy: copy the tables first, from a position after the slot was made.';
const NO_CA =
  'PeerDB’s SQL has no settings for TLS: it speaks TLS here, because the server demands it, and does not look who answers. Its UI takes the CA certificate.';
const ACKNOWLEDGE =
  'Keep the position of the last commit that you have stored, and begin behind it: after a failover the slot may be a little behind what you have.';

/** https://debezium.io/documentation/reference/stable/connectors/postgresql.html */
function debeziumProperties(facts: Facts): Readonly<Record<string, string>> {
  const { stream, host, port, password, caFile } = facts;
  refusePlugin(stream, 'Debezium');
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'topic.prefix': stream.name,
    'database.hostname': host,
    'database.port': String(port),
    'database.user': stream.role,
    'database.password': password,
    'database.dbname': stream.database,
    'database.sslmode': 'verify-full',
    'database.sslrootcert': caFile,
    'plugin.name': 'pgoutput',
    'slot.name': stream.name,
    'slot.drop.on.stop': 'false',
    'publication.name': stream.name,
    'publication.autocreate.mode': 'disabled',
    'table.include.list': stream.tables.join(','),
    'heartbeat.interval.ms': '10000',
    'status.update.interval.ms': '1000',
    'slot.max.retries': '60',
    'slot.retry.delay.ms': '1000',
    'errors.max.retries': '-1',
    'snapshot.mode': 'initial',
  };
}

function debeziumServer(facts: Facts): string {
  return [
    '# application.properties of Debezium Server; the sink is up to you',
    ...Object.entries(debeziumProperties(facts)).map(([key, value]) => `debezium.source.${key}=${value}`),
    'debezium.source.offset.storage.file.filename=data/offsets.dat',
    'debezium.source.offset.flush.interval.ms=1000',
  ].join('\n');
}

function kafkaConnect(facts: Facts): string {
  const config = { ...debeziumProperties(facts), 'tasks.max': '1' };
  return JSON.stringify({ name: facts.stream.name, config }, null, 2);
}

/** PeerDB is how ClickHouse reads from PostgreSQL. https://docs.peerdb.io/sql/commands/create-mirror */
function peerdb({ stream, host, port, password }: Facts): string {
  refusePlugin(stream, 'PeerDB');
  const mapping = stream.tables.map((table) => `  ${table}:${table.split('.')[1] ?? table}`).join(',\n');
  return `-- In PeerDB, with a peer clickhouse that is there already
CREATE PEER ${stream.name}_source FROM POSTGRES WITH (
  host = '${host}', port = '${port}', user = '${stream.role}', password = '${password}', database = '${stream.database}'
);
CREATE MIRROR ${stream.name} FROM ${stream.name}_source TO clickhouse
WITH TABLE MAPPING (
${mapping}
)
WITH (
  do_initial_copy = false,
  publication_name = '${stream.name}',
  replication_slot_name = '${stream.name}'
);`;
}

/** pg_recvlogical shows what any consumer has to say. https://www.postgresql.org/docs/18/app-pgrecvlogical.html */
function generic({ stream, url, password }: Facts): string {
  const { name, plugin, tables } = stream;
  const options: Readonly<Record<string, string>> =
    plugin === 'pgoutput' ? { proto_version: '1', publication_names: name } : wal2jsonOptions(tables);
  const listed = Object.entries(options).map(([key, value]) => `"${key}" '${value}'`);
  const flags = Object.entries(options).map(([key, value]) => `--option=${key}=${value}`);
  return [
    `# plugin ${plugin}, slot ${name}${plugin === 'pgoutput' ? `, publication ${name}` : ''}, tables ${tables.join(', ')}`,
    `CDC_URL='${url}'`,
    ...(password === PLACEHOLDER ? ['PGPASSWORD="${CDC_PASSWORD}"'] : []),
    `# replication=database, then: START_REPLICATION SLOT ${name} LOGICAL 0/0 (${listed.join(', ')})`,
    `pg_recvlogical --dbname="$CDC_URL" --slot=${name} --start --file=- --status-interval=1 \\`,
    `  ${flags.join(' ')}`,
  ].join('\n');
}

function refusePlugin({ name, plugin }: Stream, consumer: string): void {
  if (plugin === 'pgoutput') return;
  throw new PgscaleError('PGS_CDC_REFUSED', { what: `${consumer} reads pgoutput, the stream ${name} is ${plugin}` });
}
