import { gpuQuery } from './gpu-readings.ts';

/** Seconds that `nvidia-smi` may take. With eight GPUs and a driver that has to be loaded first it takes about ten. */
export const longestSample = 30;
/** Bytes of what `nvidia-smi` prints about eight GPUs, many times over. */
export const mostOfSample = 4096;

/** Prints what {@link gpuQuery} asks for, one line per GPU. */
export const gpuLines = `nvidia-smi --query-gpu=${gpuQuery} --format=csv,noheader,nounits`;

/** Makes the line that `readGpus` reads of what `nvidia-smi` printed. */
export const inOneLine = `tr '\\n' ';' | LC_ALL=C tr '\\000-\\037' '?'`;

/** Prints one line about the GPUs. Prints none of them without `nvidia-smi`, or if it hangs. */
export const queryGpus = `printf 'gpus [%s]\\n' "$(timeout -s KILL ${longestSample} ${gpuLines} 2>/dev/null | head -c ${mostOfSample} | ${inOneLine})"`;
