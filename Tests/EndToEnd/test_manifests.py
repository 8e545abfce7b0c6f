"""Manifests run to their verdict, and a failing expectation fails the run and keeps its artefacts."""

import json

import pytest

from network import MANIFESTS, run


@pytest.mark.parametrize("name", ["smoke-4", "restart-storm-4", "rolling-restart-4", "stake-skewed-7", "late-joiner-4"])
def test_manifest_passes(tmp_path, name):
    report = tmp_path / "report.json"
    folder = tmp_path / "net"
    run("testnet", "run", MANIFESTS / f"{name}.toml", "--dir", folder, "--json", report, timeout=180)
    result = json.loads(report.read_text())
    assert result["passed"] and result["blocks"] > 5
    assert all(check["passed"] for check in result["checks"])
    assert not folder.exists()


def test_a_failed_expectation_fails_the_run(tmp_path):
    manifest = tmp_path / "bad.toml"
    manifest.write_text('duration = "2s"\n[expect]\nmin_blocks_per_second = 1000\n')
    folder = tmp_path / "net"
    result = run("testnet", "run", manifest, "--dir", folder, check=False)
    assert result.returncode != 0
    assert "FAILED blocks per second" in result.stdout
    assert f"kept: {folder}" in result.stdout and f"repeat: hyperseq testnet run {manifest}" in result.stdout
    assert (folder / "v1" / "node.log").exists()


def test_a_run_for_the_simulator_is_refused(tmp_path):
    result = run("testnet", "run", MANIFESTS / "swarm-4.toml", "--dir", tmp_path / "net", check=False)
    assert result.returncode != 0 and "hyperseq simulate" in result.stderr
    assert not (tmp_path / "net").exists()
