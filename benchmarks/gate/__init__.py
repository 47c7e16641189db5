"""One evaluation of a policy of 200 commitments, beside `cedarpy`: `python -m benchmarks.gate`."""
