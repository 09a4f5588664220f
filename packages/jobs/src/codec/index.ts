export { type CodecKey, CodecKeyError, parseCodecKeys } from './codec-keys.ts';
export { dataConverterFromEnv, encryptedDataConverter, failureConverterPath } from './data-converter.ts';
export { type CodecOptions, encryptionCodec } from './encryption-codec.ts';
