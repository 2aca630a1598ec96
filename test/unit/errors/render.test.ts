import { handle } from '@oclif/core/errors';
import { describe, expect, it, vi } from 'vitest';

import { CATALOGUE, type CatalogueEntry } from '../../../src/errors/catalogue/index.ts';
import { EXIT_STATUS } from '../../../src/errors/exit-status.ts';
import { normalise } from '../../../src/errors/normalise.ts';
import { PgscaleError, PgscaleErrors, throwAll } from '../../../src/errors/pgscale-error.ts';
import { errorJson, renderError } from '../../../src/errors/render.ts';

const refused = new PgscaleError('PGS_HOST_AUTH', { what: 'login refused', host: 'pg2', why: 'tried:\npublickey' });
const unreachable = new PgscaleError('PGS_HOST_UNREACHABLE', {
  what: 'pg3 does not answer',
  host: 'pg3',
  next: ['a', 'b'],
});

describe('renderError', () => {
  it('says what, where, why, what next and the code', () => {
    expect(renderError(refused)).toBe(`✖ login refused (pg2)
    tried:
    publickey
  next: ${CATALOGUE.PGS_HOST_AUTH.fix}
  code: PGS_HOST_AUTH (pgscale explain PGS_HOST_AUTH)`);
  });

  it('does not name a host twice', () => {
    expect(renderError(unreachable)).toMatch(/^✖ pg3 does not answer\n {2}next: a\n {2}next: b\n/u);
  });
});

describe('errorJson', () => {
  it('has one error, and all of them when there are several', () => {
    expect(errorJson([refused])).toEqual({
      error: {
        code: 'PGS_HOST_AUTH',
        message: 'login refused',
        host: 'pg2',
        why: 'tried:\npublickey',
        next: [CATALOGUE.PGS_HOST_AUTH.fix],
        details: {},
      },
    });
    expect(errorJson([refused, unreachable])).toMatchObject({
      error: { host: 'pg2' },
      errors: [{ host: 'pg2' }, { host: 'pg3' }],
    });
  });
});

describe('normalise', () => {
  it('takes several apart, however they are packed', () => {
    expect(normalise(new PgscaleErrors([refused, unreachable]), '')).toEqual([refused, unreachable]);
    expect(normalise(new AggregateError([refused, new PgscaleErrors([unreachable])]), '')).toEqual([
      refused,
      unreachable,
    ]);
  });

  it('keeps the causes of what nobody foresaw', () => {
    const [error] = normalise(new Error('outer', { cause: new Error('inner') }), '');
    expect(error).toMatchObject({ code: 'PGS_UNEXPECTED', exitCode: 1, message: 'outer', why: 'caused by: inner' });
  });

  it('knows Ctrl-C at a prompt', () => {
    const left = Object.assign(new Error('User force closed'), { name: 'ExitPromptError' });
    expect(normalise(left, '')[0]).toMatchObject({ code: 'PGS_INTERRUPTED', exitCode: 130 });
  });
});

describe('PgscaleError', () => {
  it('carries its exit status in both places that oclif reads', () => {
    expect([refused.exitCode, refused.oclif.exit]).toEqual([6, 6]);
    expect(() => throwAll([])).not.toThrow();
    expect(() => throwAll([refused])).toThrow(refused);
    expect(() => throwAll([refused, unreachable])).toThrow(PgscaleErrors);
  });

  it('ends with its own status when its cause is only a text', async () => {
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const written = vi.spyOn(console, 'error').mockReturnValue();
    const error = new PgscaleError('PGS_HOST_UNREACHABLE', {
      what: 'pg1 does not answer',
      cause: 'no login within 10 s',
    });
    error.skipOclifErrorHandling = true;
    await handle(error);
    expect(exit.mock.calls).toEqual([[6]]);
    expect(written).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

describe('the catalogue', () => {
  it.each(Object.entries(CATALOGUE))('%s can be explained', (code, entry: CatalogueEntry) => {
    expect(code).toMatch(/^PGS_[A-Z_]+$/u);
    expect(EXIT_STATUS[entry.exit].status).toBeGreaterThan(0);
    for (const text of [entry.title, entry.why, entry.fix]) expect(text).toMatch(/[.?]$/u);
  });
});
