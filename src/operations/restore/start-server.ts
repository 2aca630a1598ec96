import { cmd, sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { POSTGRES } from '../../spec/layout.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { sideAccess, sideIdentities } from './access.ts';
import type { SidePosition } from './position.ts';
import { sideConfiguration, sideUnitFile, sideUnitPath, type RestoreFiles } from './server.ts';
import { sideDirectory } from '../../spec/restore-places.ts';
import { sideUnit, type Side } from './side.ts';

/** What a server beside the cluster is made of; `reached` is told where the replay has stopped. */
export interface SideWork {
  readonly host: Host;
  readonly hostSpec: HostSpec;
  readonly side: Side;
  readonly files: RestoreFiles;
  /** Where the archive ended when that was looked up; undefined when an earlier run has done so. */
  readonly endLsn: number | undefined;
  /** Of all files of the backup, when that was looked up. */
  readonly databaseBytes: number | undefined;
  readonly reached: (position: SidePosition) => void;
}

/** Begins it anew, too, when it is there already: with what its control file asks for by now. */
export async function startServer({ host, hostSpec, side, files: { spec } }: SideWork): Promise<void> {
  const directory = sideDirectory(spec, side.name);
  const control = await host.read(
    cmd('env', 'LC_ALL=C', `${POSTGRES.binDirectory}/pg_controldata`, `${directory}/data`),
  );
  const content = sideConfiguration(spec, hostSpec, { ...side, control: control.stdout });
  const owned = { owner: POSTGRES.user, group: POSTGRES.user, mode: '0640' };
  await host.writeFile(`${directory}/postgresql.conf`, content, owned);
  await host.writeFile(`${directory}/pg_hba.conf`, sideAccess(spec), owned);
  await host.writeFile(`${directory}/pg_ident.conf`, sideIdentities(spec), owned);
  const unit = { owner: 'root', group: 'root', mode: '0644' };
  await host.writeFile(sideUnitPath(side.name), sideUnitFile(spec, side), unit);
  await host.run(
    sh`systemctl daemon-reload; systemctl reset-failed ${sideUnit(side.name)} 2>/dev/null || true; systemctl stop ${sideUnit(side.name)}; systemctl start --no-block ${sideUnit(side.name)}`,
  );
}
