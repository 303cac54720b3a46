from pathlib import Path

from adapters.embedded_postgres.cluster import initdb_error, socket_dir


def place(data_dir: str) -> Path:
    return socket_dir(Path(data_dir), Path(data_dir) / "postgres")


def test_the_socket_is_in_the_cluster_where_its_path_fits() -> None:
    assert place("/srv/chat sphere") == Path("/srv/chat sphere/postgres")


def test_a_long_path_gets_a_short_socket_folder_of_its_own() -> None:
    one, other = place("/srv/" + "a" * 90), place("/srv/" + "b" * 90)
    assert one != other
    assert one == place("/srv/" + "a" * 90)
    assert len(str(one)) < 50


def test_the_limit_counts_bytes_and_not_characters() -> None:
    assert place("/srv/" + "a" * 60).name == "postgres"
    assert place("/srv/" + "ä" * 60).name != "postgres"


def test_a_path_that_libpq_would_split_or_unquote_gets_a_folder_of_its_own() -> None:
    for name in ("one,two", 'quo"te', "per%cent", "line\nbreak"):
        assert place(f"/srv/{name}").name != "postgres"


def test_a_full_disk_is_told_apart_from_other_failures_of_initdb() -> None:
    full = "initdb: error: could not write file: No space left on device"
    assert initdb_error(Path("/srv"), full).code == "disk_full"
    other = initdb_error(Path("/srv"), "some noise\ninitdb: error: invalid locale\n")
    assert other.code == "init_failed"
    assert str(other).endswith("initdb: error: invalid locale")
