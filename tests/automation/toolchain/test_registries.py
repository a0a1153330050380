from automation.toolchain.registries import uv_settings


def test_uv_is_told_the_index_that_pip_uses():
    settings = uv_settings(["global.index-url='https://one.example/simple'"], {})

    assert settings == {"UV_DEFAULT_INDEX": "https://one.example/simple"}


def test_the_environment_overrides_files_as_it_does_for_pip():
    lines = [
        ":env:.index-url='https://env.example/simple'",
        "global.index-url='https://file.example/simple'",
        "install.index-url='https://install.example/simple'",
    ]

    assert uv_settings(lines, {})["UV_DEFAULT_INDEX"] == "https://env.example/simple"


def test_several_indexes_are_searched_as_pip_does():
    settings = uv_settings(["global.extra-index-url='https://a/ \\nhttps://b/'"], {})

    assert settings["UV_INDEX"] == "https://a/ https://b/"
    assert settings["UV_INDEX_STRATEGY"] == "unsafe-best-match"


def test_what_is_set_for_uv_itself_stays():
    settings = uv_settings(["global.index-url='https://one/'"], {"UV_DEFAULT_INDEX": "x"})

    assert settings == {}


def test_lines_that_are_no_setting_are_passed_over():
    assert uv_settings(["WARNING: something", "", "global.progress-bar='off'"], {}) == {}
