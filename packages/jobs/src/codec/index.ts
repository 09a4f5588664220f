export { type CodecKey, CodecKeyError, parseCodecKeys } from './codec-keys.ts';
export { dataConverterFromEnv, encryptedDataConverter, failureConverterPath } from './data-converter.ts';
export { encryptionCodec } from './encryption-codec.ts';
