// How the page loaded and answered, as web.dev defines its vitals. Times are milliseconds from the
// start of the navigation; null where the browser reported none.
(synthetic) => {
  const seen = { paint: [], 'largest-contentful-paint': [], 'layout-shift': [], event: [] };
  const observers = Object.entries(seen).map(([type, entries]) => {
    // The shortest event that may be asked for; shorter ones are no wait.
    const options = type === 'event' ? { type, buffered: true, durationThreshold: 16 } : { type, buffered: true };
    const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
    observer.observe(options);
    return [observer, entries];
  });

  // Shifts that follow a gesture are wanted. The worst run of shifts: less than 1 s apart, at most 5 s long.
  const cls = () => {
    let [worst, sum, first, last] = [0, 0, -Infinity, -Infinity];
    for (const { value, startTime, hadRecentInput } of seen['layout-shift']) {
      if (hadRecentInput) continue;
      if (startTime - last >= 1000 || startTime - first >= 5000) [sum, first] = [0, startTime];
      [sum, last] = [sum + value, startTime];
      worst = Math.max(worst, sum);
    }
    return worst;
  };

  synthetic.vitals = () => {
    for (const [observer, entries] of observers) entries.push(...observer.takeRecords());
    const [navigation] = performance.getEntriesByType('navigation');
    const answered = seen.event.filter(({ interactionId }) => interactionId).map(({ duration }) => duration);
    return {
      ttfb_ms: navigation?.responseStart ?? null,
      fcp_ms: seen.paint.find(({ name }) => name === 'first-contentful-paint')?.startTime ?? null,
      lcp_ms: seen['largest-contentful-paint'].at(-1)?.startTime ?? null,
      cls: cls(),
      inp_ms: answered.length ? Math.max(...answered) : null,
    };
  };
}
