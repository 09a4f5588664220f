export { GpuCloudsPlugin } from './gpu-clouds-plugin.ts';
