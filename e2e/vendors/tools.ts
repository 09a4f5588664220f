/** A vendor's or third party's tool, and the script that calls it. */
export interface Tool {
  readonly name: string;
  /** Script in this folder. */
  readonly script: string;
  /** Packages of PyPI to install, at the versions that the script was written for. */
  readonly packages: readonly string[];
}

export const tools: readonly Tool[] = [
  { name: 'verda-python', script: 'verda_python.py', packages: ['verda==1.25.0'] },
  { name: 'gpu-ai-python', script: 'gpu_ai_python.py', packages: ['gpuai-sdk==0.3.18'] },
  {
    name: 'tensordock-python',

    script: 'tensordock_python.py',
    packages: ['pytensordock==0.1.1', 'tensordock==0.1.13'],
  },
];
