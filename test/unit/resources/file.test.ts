import { describe, expect, it } from 'vitest';

import type { RemoteFile } from '../../../src/host/host.ts';
import { file, fileChange } from '../../../src/resources/file.ts';

const wanted: RemoteFile = { content: 'a = 1\nb = 2\n', owner: 'root', group: 'root', mode: '0644' };

describe('fileChange', () => {
  it('is nothing for the same content and attributes, however the mode is written', () => {
    expect(fileChange('/x', wanted, { ...wanted, mode: '644' })).toBeUndefined();
  });

  it('shows a new file as a diff against nothing', () => {
    const change = fileChange('/x', wanted, undefined);
    expect(change).toMatchObject({ action: 'create', summary: 'create /x' });
    expect(change?.diff).toContain('+a = 1');
  });

  it('shows changed lines, and attributes beside them', () => {
    const change = fileChange('/x', wanted, { ...wanted, content: 'a = 1\nb = 3\n', mode: '600' });
    expect(change?.summary).toBe('change /x, mode 600 → 0644');
    expect(change?.diff).toContain('-b = 3\n+b = 2');
  });

  it('shows nothing of a file that is secret as a whole but that it differs', () => {
    expect(fileChange('/x', wanted, { ...wanted, content: 'old' }, 'whole')).toEqual({
      action: 'update',
      summary: 'change /x',
    });
  });
});

describe('file().foreign', () => {
  const outside = file({ path: '/etc/sysctl.d/60-pgscale.conf', content: '# Managed by pgscale\n' });

  it('calls a file without our marker foreign', () => {
    expect(outside.foreign?.({ ...wanted })).toMatch(/not written by pgscale/u);
  });

  it('knows its own files, and all below /etc/pgscale', () => {
    expect(outside.foreign?.({ ...wanted, content: '# Managed by pgscale\n' })).toBeUndefined();
    expect(file({ path: '/etc/pgscale/x', content: '' }).foreign?.({ ...wanted })).toBeUndefined();
  });
});
