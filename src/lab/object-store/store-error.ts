/** The HTTP status of each error that the object store gives (S3 API reference, Error responses). */
const STATUS = {
  AccessDenied: 403,
  InvalidAccessKeyId: 403,
  SignatureDoesNotMatch: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  InvalidPart: 400,
  InvalidRange: 416,
  XAmzContentSHA256Mismatch: 400,
  MethodNotAllowed: 405,
  NotImplemented: 501,
  InternalError: 500,
} as const;

/** An error as S3 names it. */
export class StoreError extends Error {
  readonly code: keyof typeof STATUS;

  constructor(code: keyof typeof STATUS) {
    super(code);
    this.code = code;
  }

  get status(): number {
    return STATUS[this.code];
  }
}
