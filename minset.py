SECRET_KEY="x"; DEBUG=True; USE_TZ=True
INSTALLED_APPS=["django.contrib.contenttypes","django.contrib.auth","django.contrib.postgres","knox","pgtrigger","pghistory","users","accounts","scoring","leads","opportunities","intake","reports"]
AUTH_USER_MODEL="users.User"; KNOX_TOKEN_MODEL="users.ApiKey"; DEFAULT_AUTO_FIELD="django.db.models.BigAutoField"
DATABASES={"default":{"ENGINE":"django.db.backends.postgresql","NAME":"lq","USER":"lq","HOST":"/tmp/pgcore"}}
