/** A vendor's or third party's tool, and the script that calls it. */
export interface Tool {
  readonly name: string;
  /** Script in this folder. Python puts the folder on its path, so the name must differ from the tool's own modules. */
  readonly script: string;
  /** What to install, at the versions that the script was written for: packages of PyPI, or a Go module. */
  readonly install: { readonly pypi: readonly string[] } | { readonly go: string };
  /** Takes more than a minute to install or run. `pnpm vendors --all` includes it. */
  readonly slow?: true;
}

// GPU.ai's TypeScript SDK and the tools of TensorDock other than these two are in no package registry.
export const tools: readonly Tool[] = [
  { name: 'verda-python', script: 'verda_python.py', install: { pypi: ['verda==1.25.0'] } },
  {
    name: 'verda-go',
    script: 'verda_go.go',
    install: { go: 'github.com/verda-cloud/verdacloud-sdk-go/pkg/verda@v1.4.2' },
  },
  { name: 'gpu-ai-python', script: 'gpu_ai_python.py', install: { pypi: ['gpuai-sdk==0.3.18'] } },
  {
    name: 'massed-compute-mcp',
    script: 'massed_compute_python.py',
    // The last version that calls the API itself: 1.1 forwards to a hosted MCP server. It does not start with mcp 2.
    install: { pypi: ['massed-compute-mcp==1.0.3', 'mcp<2'] },
  },
  {
    name: 'tensordock-python',
    script: 'tensordock_python.py',
    install: { pypi: ['pytensordock==0.1.1', 'tensordock==0.1.13'] },
  },
  {
    name: 'dstack-verda',
    script: 'dstack_verda.py',
    install: { pypi: ['dstack==0.22.5', 'verda==1.25.0'] },
    slow: true,
  },
  { name: 'skypilot-verda', script: 'skypilot_verda.py', install: { pypi: ['skypilot==0.14.1'] }, slow: true },
];
