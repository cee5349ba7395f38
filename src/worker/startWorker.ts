/**
 * Starts a worker as a one-line blob that imports the real script, so that the page's Content Security Policy and its
 * `connect-src 'self'` hold in it too. A worker from a blob inherits that policy; one from a network address takes its policy from
 * the headers of its script. https://www.w3.org/TR/CSP3/#initialize-global-object-csp
 */
export function startWorker(address: string, name: string): Worker {
  const url = new URL(address, import.meta.url).href;
  const source = new Blob([`import ${JSON.stringify(url)};`], { type: 'text/javascript' });
  const blobUrl = URL.createObjectURL(source);
  return new Worker(blobUrl, { type: 'module', name });
}
