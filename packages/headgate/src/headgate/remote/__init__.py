"""The repository on GitHub, as the command line sees it: it starts runs, watches them, and asks"""
