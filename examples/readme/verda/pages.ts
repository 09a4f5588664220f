import { createVerda } from '@gpu-clouds/verda';

const verda = createVerda();
for await (const script of verda.listScripts.items()) console.log(script.name); // asks for the next page when it needs it
for await (const page of verda.listScripts.pages()) console.log(page.length);
const firstTen = await verda.listScripts.items().toArray({ limit: 10 });
console.log(firstTen.length);
