import type { Target } from '../../components/component.ts';
import { seedDirectory } from '../../cluster/member-state.ts';
import { sh } from '../../host/command.ts';
import { OWN_ROLES, PATRONI, PKI, POSTGRES } from '../../spec/layout.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { dataDirectory } from '../../spec/topology.ts';

/**
 * The job that seeds one standby, run by root on that host. The copy is received beside the data directory and becomes
 * it by a rename, so that a data directory is always whole; then Patroni is started, so that the standby comes up even
 * when nobody watches. The password is in the job's script, which only root can read, and from there in a passfile.
 *
 * `--checkpoint=fast` spreads no checkpoint over minutes; `-X stream` brings the WAL of the copy along.
 * https://www.postgresql.org/docs/18/app-pgbasebackup.html
 */
export function seedScript(
  target: Target,
  source: HostSpec,
  rate = target.spec.replication.seedMaxRateMbPerSecond,
): string {
  const { spec, secrets, host } = target;
  const directory = dataDirectory(spec);
  const receiving = seedDirectory(target);
  const conninfo = [
    `host=${source.address}`,
    `port=${spec.postgres.port}`,
    `user=${OWN_ROLES.replication}`,
    `application_name=seed_${host.name}`,
    // A source that is gone is noticed, also in the middle of the copy.
    'connect_timeout=10',
    'tcp_user_timeout=30000',
    'sslmode=verify-full',
    `sslrootcert=${PKI.ca}`,
    'passfile=/run/pgscale-seed/pgpass',
  ].join(' ');
  const passfile = `*:*:*:${OWN_ROLES.replication}:${secrets.passwords.replication}\n`;
  return sh`set -eu
if [ -n "$(ls -A ${directory} 2>/dev/null)" ]; then echo ${`${directory} is not empty`} >&2; exit 1; fi
umask 077
rm -rf ${receiving}
install -d -o postgres -g postgres -m 0700 /run/pgscale-seed ${receiving}
trap 'rm -rf /run/pgscale-seed' EXIT
printf '%s' ${passfile} >/run/pgscale-seed/pgpass
chown postgres: /run/pgscale-seed/pgpass
runuser -u postgres -- ${`${POSTGRES.binDirectory}/pg_basebackup`} -d ${conninfo} -D ${receiving} -X stream --checkpoint=fast ${rate === undefined ? [] : [`--max-rate=${rate}M`]}
rmdir ${directory} 2>/dev/null || true
mv -T ${receiving} ${directory}
systemctl start ${PATRONI.unit}
`.script;
}
